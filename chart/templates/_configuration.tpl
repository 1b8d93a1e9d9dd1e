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

{{/*
What pods may still read, by name, as JSON: `configMaps` and `secrets` of Jobs that have not ended, `scheduled` of the CronJobs (for a Job that
begins while Helm works).
*/}}
{{- define "look for runs that are under way (who installs must be allowed to list Jobs and CronJobs, and to get ConfigMaps)" -}}
{{- $underWay := list -}}
{{- range (lookup "batch/v1" "Job" .Release.Namespace "").items -}}
{{- $ended := false -}}
{{- range (.status | default dict).conditions -}}
{{- if and (has .type (list "Complete" "Failed")) (eq .status "True") -}}{{- $ended = true -}}{{- end -}}
{{- end -}}
{{- if not $ended -}}{{- $underWay = append $underWay .spec.template.spec -}}{{- end -}}
{{- end -}}
{{- $scheduled := list -}}
{{- range (lookup "batch/v1" "CronJob" .Release.Namespace "").items -}}
{{- $scheduled = append $scheduled .spec.jobTemplate.spec.template.spec -}}
{{- end -}}
{{- $configMaps := include "changeover.sourceNames" (dict "specs" $underWay "kind" "configMap") | fromJsonArray -}}
{{- $secrets := include "changeover.sourceNames" (dict "specs" $underWay "kind" "secret") | fromJsonArray -}}
{{- $ofCronJobs := include "changeover.sourceNames" (dict "specs" $scheduled "kind" "configMap") | fromJsonArray -}}
{{- toJson (dict "configMaps" $configMaps "secrets" $secrets "scheduled" $ofCronJobs) -}}
{{- end -}}

{{/* specs: of pods; kind: configMap or secret. What their projected volumes are made of, as a JSON list of names. */}}
{{- define "changeover.sourceNames" -}}
{{- $kind := .kind -}}
{{- $names := list -}}
{{- range .specs -}}
{{- range .volumes -}}
{{- range (.projected | default dict).sources -}}
{{- $names = append $names ((get . $kind | default dict).name | default "") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson (without ($names | uniq | sortAlpha) "") -}}
{{- end -}}

{{/* root, kind, name: data of such an object where this installation has made it, as JSON. */}}
{{- define "changeover.earlierData" -}}
{{- $earlier := lookup "v1" .kind .root.Release.Namespace .name | default dict -}}
{{- $isOurs := eq (dig "metadata" "labels" "app.kubernetes.io/instance" "" $earlier) .root.Release.Name -}}
{{- ternary ($earlier.data | default dict) dict $isOurs | toJson -}}
{{- end -}}

{{/*
The environments that are gone by, as a JSON list: that of this installation, and those that runs under way have begun with. What a run needs
(Secrets, permissions, ways out) it has until the first installation after its end.
*/}}
{{- define "changeover.environments" -}}
{{- $environments := list (omit .Values "secrets" "files" "pod" "global") -}}
{{- $kept := include "look for runs that are under way (who installs must be allowed to list Jobs and CronJobs, and to get ConfigMaps)" . | fromJson -}}
{{- range without $kept.configMaps (include "changeover.configurationName" .) -}}
{{- with get (include "changeover.earlierData" (dict "root" $ "kind" "ConfigMap" "name" .) | fromJson) "environment.yaml" -}}
{{- $environments = append $environments (fromJson .) -}}
{{- end -}}
{{- end -}}
{{- toJson $environments -}}
{{- end -}}

{{/* `release.permissions` of all of them, as JSON. */}}
{{- define "changeover.permissions" -}}
{{- $permissions := dict "namespaced" list "cluster" list -}}
{{- range include "changeover.environments" . | fromJsonArray -}}
{{- $given := (.release | default dict).permissions | default dict -}}
{{- range $scope, $rules := $permissions -}}
{{- $_ := set $permissions $scope (concat $rules (get $given $scope | default list) | uniq) -}}
{{- end -}}
{{- end -}}
{{- toJson $permissions -}}
{{- end -}}
