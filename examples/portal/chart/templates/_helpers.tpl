{{- define "portal.labels" -}}
app.kubernetes.io/name: portal
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* As Pod Security "restricted" asks for. */}}
{{- define "portal.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "portal.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "portal.databaseEnvironment" -}}
- name: RELEASE
  value: {{ .Release.Name | quote }}
- name: BUILD
  value: {{ .Values.releaseLabel | quote }}
- name: DATABASE_HOST
  value: database
- name: DATABASE_PASSWORD
  valueFrom: { secretKeyRef: { name: database, key: password } }
{{- end }}

{{/* A password that is given, or the one that is there already, or a new one. */}}
{{- define "portal.password" -}}
{{- $existing := lookup "v1" "Secret" .root.Release.Namespace .secret -}}
{{- if .given }}{{ .given }}{{ else if $existing }}{{ index $existing.data "password" | b64dec }}{{ else }}{{ randAlphaNum 32 }}{{ end -}}
{{- end }}
