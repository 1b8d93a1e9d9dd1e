{{/*
Which Secrets the configuration names, so that the runner may read those and no others.
*/}}

{{/* Of the runner: a mapping from namespace to names, as JSON. */}}
{{- define "changeover.runnerSecrets" -}}
{{- $byNamespace := dict -}}
{{- range include "changeover.environments" . | fromJsonArray -}}
{{- range include "changeover.secretsOf" . | fromJsonArray -}}
{{- $namespace := .namespace | default $.Release.Namespace -}}
{{- $_ := set $byNamespace $namespace (append (get $byNamespace $namespace | default list) .name | uniq | sortAlpha) -}}
{{- end -}}
{{- end -}}
{{- toJson $byNamespace -}}
{{- end -}}

{{/* One environment: a JSON list of { name, namespace }. */}}
{{- define "changeover.secretsOf" -}}
{{- $found := list -}}
{{- $provider := .dnsProvider | default dict -}}
{{- $found = append $found ((($provider.googleCloud | default dict).credentials | default dict).secret) -}}
{{- $found = append $found ((($provider.rfc2136 | default dict).key | default dict).secret) -}}
{{- range (.release | default dict).values -}}
{{- $found = append $found .secret -}}
{{- end -}}
{{- range (.notify | default dict).webhooks -}}
{{- $found = append $found (.url | default dict).secret -}}
{{- end -}}
{{- range .load -}}
{{- $secret := include "changeover.jobListSecret" . | fromJson -}}
{{- if $secret.namespace -}}
{{- $found = append $found $secret -}}
{{- end -}}
{{- end -}}
{{- compact $found | toJson -}}
{{- end -}}

{{/* In each release: names, as a JSON mapping with the key `names`. */}}
{{- define "changeover.releaseSecrets" -}}
{{- $names := list -}}
{{- range include "changeover.environments" . | fromJsonArray -}}
{{- range .load -}}
{{- $secret := include "changeover.jobListSecret" . | fromJson -}}
{{- if and $secret.name (not $secret.namespace) -}}
{{- $names = append $names $secret.name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "names" ($names | uniq | sortAlpha) | toJson -}}
{{- end -}}

{{- define "changeover.jobListSecret" -}}
{{- $credentials := (.jobList | default dict).credentials | default dict -}}
{{- ($credentials.password | default dict).secret | default dict | toJson -}}
{{- end -}}
