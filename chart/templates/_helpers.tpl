{{/*
Names and labels. The formula of the name is the one of src/plan/runner-names.ts; a test compares both.
*/}}

{{- define "changeover.name" -}}
{{- $name := printf "changeover-%s" .Values.environment -}}
{{- if le (len $name) 41 -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" (substr 0 32 $name) (.Values.environment | sha256sum | trunc 8) -}}
{{- end -}}
{{- end -}}

{{/* For what selects pods: never changes. */}}
{{- define "changeover.selectorLabels" -}}
app.kubernetes.io/name: changeover
app.kubernetes.io/instance: {{ .Release.Name | quote }}
changeover.dev/environment: {{ .Values.environment | quote }}
{{- end -}}

{{- define "changeover.labels" -}}
{{ include "changeover.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Subject of bindings, and who the admission policies are about. */}}
{{- define "changeover.user" -}}
{{- printf "system:serviceaccount:%s:%s" .Release.Namespace (include "changeover.name" .) -}}
{{- end -}}

{{/* Labels that make a namespace a release of this environment, as a CEL test of the labels of `$`. */}}
{{- define "changeover.isOurs" -}}
{{- $labels := printf "%s.metadata.?labels" .object -}}
{{ $labels }}[?'app.kubernetes.io/managed-by'].orValue('') == 'changeover' && {{ $labels }}[?'changeover.dev/environment'].orValue('') == '{{ .environment }}'
{{- end -}}

{{/* What a policy is about, and that nothing gets past it when it cannot be evaluated. */}}
{{- define "changeover.policyHead" -}}
failurePolicy: Fail
matchConditions:
  - name: by-the-runner
    expression: request.userInfo.username == '{{ include "changeover.user" . }}'
{{- end -}}

{{/* A duration of the configuration (`1h30m`) in whole seconds, as Kubernetes wants it. */}}
{{- define "changeover.seconds" -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 -}}
{{- $total := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|s|m|h|d)" . -1 -}}
{{- $total = addf $total (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- ceil $total | int64 -}}
{{- end -}}

{{/* root; policy: the end of its name. A policy without a binding does nothing. */}}
{{- define "changeover.policyBinding" -}}
{{- $name := printf "%s-%s" (include "changeover.name" .root) .policy -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "changeover.labels" .root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: [Deny]
{{- end -}}
