{{/*
The configuration that a pod reads is one of its own: a ConfigMap that is named by its content and never changes. So a Job goes on with what
it began with, in each of its pods, whatever is installed meanwhile.
*/}}

{{/*
Data of the ConfigMap, as JSON. The environment as JSON, too, which is YAML as well: what Helm has read as YAML 1.1 is read the same by
everybody then.
*/}}
{{- define "changeover.configuration" -}}
{{- $runner := merge (dict "namespace" .Release.Namespace) (.Values.runner | default dict) -}}
{{- $environment := merge (dict "runner" $runner) (omit .Values "runner" "secrets" "files" "pod" "global") -}}
{{- merge (dict "environment.yaml" (toPrettyJson $environment)) (.Values.files | default dict) | toJson -}}
{{- end -}}

{{- define "changeover.configurationName" -}}
{{- printf "%s-configuration-%s" (include "changeover.name" .) (include "changeover.configuration" . | sha256sum | trunc 10) -}}
{{- end -}}

{{/* Names of those that pods may still ask for, as a JSON list: of runs that are under way, and of a Job that begins while Helm works. */}}
{{- define "look for runs that are under way (who installs must be allowed to list Jobs and CronJobs, and to get ConfigMaps)" -}}
{{- $specs := list -}}
{{- range (lookup "batch/v1" "Job" .Release.Namespace "").items -}}
{{- $ended := false -}}
{{- range (.status | default dict).conditions -}}
{{- if and (has .type (list "Complete" "Failed")) (eq .status "True") -}}{{- $ended = true -}}{{- end -}}
{{- end -}}
{{- if not $ended -}}{{- $specs = append $specs .spec.template.spec -}}{{- end -}}
{{- end -}}
{{- range (lookup "batch/v1" "CronJob" .Release.Namespace "").items -}}
{{- $specs = append $specs .spec.jobTemplate.spec.template.spec -}}
{{- end -}}
{{- $names := list -}}
{{- range $specs -}}
{{- range .volumes -}}
{{- range (.projected | default dict).sources -}}
{{- $names = append $names ((.configMap | default dict).name | default "") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson (without ($names | uniq | sortAlpha) "" (include "changeover.configurationName" .)) -}}
{{- end -}}
