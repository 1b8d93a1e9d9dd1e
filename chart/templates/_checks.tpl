{{/*
What the schema cannot say. Each message names what to do.
*/}}
{{- define "changeover.check" -}}
{{- if regexMatch "-(release|installer|installer-cluster)$" .Values.environment -}}
{{- fail (printf "environment is %s; it must not end with -release, -installer or -installer-cluster, as roles of another environment do" .Values.environment) -}}
{{- end -}}
{{- $namespace := (.Values.runner | default dict).namespace -}}
{{- if and $namespace (ne $namespace .Release.Namespace) -}}
{{- fail (printf "runner.namespace is %s, and this would be installed in %s: two runners would hold two locks. Install with --namespace %s, or remove the key" $namespace .Release.Namespace $namespace) -}}
{{- end -}}
{{- if and .Values.secrets .Values.pod.existingSecret -}}
{{- fail "`secrets` and `pod.existingSecret` are both given; keep one of the two" -}}
{{- end -}}
{{- range $name, $_ := .Values.secrets | default dict -}}
{{- if hasKey ($.Values.files | default dict) $name -}}
{{- fail (printf "the file %s is given in `files` and in `secrets`, which are mounted into one folder; keep one of the two" $name) -}}
{{- end -}}
{{- end -}}
{{- if or (hasKey (.Values.files | default dict) "environment.yaml") (hasKey (.Values.secrets | default dict) "environment.yaml") -}}
{{- fail "a file in `files` or `secrets` is called environment.yaml, as the environment itself is in the runner's folder; call it something else" -}}
{{- end -}}
{{- range $label, $_ := .Values.pod.labels -}}
{{- if or (hasKey (include "changeover.labels" $ | fromYaml) $label) (eq $label "changeover.dev/operation") -}}
{{- fail (printf "pod.labels has %s, by which the chart itself finds its pods; remove it" $label) -}}
{{- end -}}
{{- end -}}
{{- $operations := list -}}
{{- range .Values.schedules -}}
{{- if has .operation $operations -}}
{{- fail (printf "the operation %s is scheduled twice in `schedules`; keep one of the two" .operation) -}}
{{- end -}}
{{- $operations = append $operations .operation -}}
{{- end -}}
{{- end -}}
