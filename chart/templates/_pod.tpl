{{/*
The runner's pod, and the CronJob around it. The test pod is made of the same parts.
*/}}

{{- define "changeover.image" -}}
{{- $image := .Values.pod.image -}}
{{- $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* root, operation: what runs; args: with what. */}}
{{- define "changeover.podSpec" -}}
{{- $pod := .root.Values.pod -}}
{{- $name := include "changeover.name" .root -}}
serviceAccountName: {{ $name }}
automountServiceAccountToken: true
restartPolicy: Never
terminationGracePeriodSeconds: {{ include "changeover.seconds" $pod.terminationGracePeriod }}
enableServiceLinks: false
{{- with $pod.securityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with $pod.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $pod.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: changeover
    image: {{ include "changeover.image" .root | quote }}
    imagePullPolicy: {{ $pod.image.pullPolicy }}
    args: {{- toYaml .args | nindent 6 }}
    {{- with $pod.extraEnv }}
    env: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $pod.extraEnvFrom }}
    envFrom: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $pod.containerSecurityContext }}
    securityContext: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $pod.resources }}
    resources: {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - name: configuration
        mountPath: /etc/changeover
        readOnly: true
      - name: tmp
        mountPath: /tmp
      {{- with $pod.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: configuration
    projected:
      # 0440: the group of the pod may read it, and nobody else.
      defaultMode: 288
      sources:
        - configMap:
            name: {{ include "changeover.configurationName" .root }}
            # Where it is gone all the same (helm rollback, or what cannot look): an error that ends the Job, not a pod that never starts.
            optional: true
        {{- if or .root.Values.secrets $pod.existingSecret }}
        - secret:
            name: {{ $pod.existingSecret | default $name | quote }}
        {{- end }}
  - name: tmp
    # Charts that are fetched, and what Helm and git keep. Not in memory: that would count as the runner's own.
    emptyDir:
      sizeLimit: 512Mi
  {{- with $pod.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "changeover.podMetadata" -}}
{{- $pod := .root.Values.pod -}}
labels:
  {{- include "changeover.labels" .root | nindent 2 }}
  changeover.dev/operation: {{ .operation }}
  {{- with $pod.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  {{- /* An autoscaler waits for the end of the run, which may be two days away. */}}
  {{- merge (deepCopy $pod.annotations) (dict "cluster-autoscaler.kubernetes.io/safe-to-evict" "false") | toYaml | nindent 2 }}
{{- end -}}

{{/* root, name, operation, args, schedule, timeZone; suspend: whether nothing is started. */}}
{{- define "changeover.cronJob" -}}
{{- $pod := .root.Values.pod -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "changeover.labels" .root | nindent 4 }}
    changeover.dev/operation: {{ .operation }}
spec:
  schedule: {{ .schedule | quote }}
  timeZone: {{ .timeZone | default .root.Values.timeZone | default "Etc/UTC" | quote }}
  suspend: {{ .suspend }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: {{ include "changeover.seconds" $pod.startingDeadline }}
  successfulJobsHistoryLimit: {{ $pod.history.succeeded }}
  failedJobsHistoryLimit: {{ $pod.history.failed }}
  jobTemplate:
    metadata:
      labels:
        {{- include "changeover.labels" .root | nindent 8 }}
        changeover.dev/operation: {{ .operation }}
    spec:
      backoffLimit: {{ $pod.replacements }}
      # Never two at once: the replacement comes when the lost one has really ended.
      podReplacementPolicy: Failed
      podFailurePolicy:
        rules:
          # What changeover itself says by these is final. Anything else (killed, evicted, its node gone, stopped in
          # order) is a lost pod: it is replaced, and the new one resumes the run.
          - action: FailJob
            onExitCodes:
              containerName: changeover
              operator: In
              values: [1, 2, 3, 4, 5]
      template:
        metadata:
          {{- include "changeover.podMetadata" . | nindent 10 }}
        spec:
          {{- include "changeover.podSpec" . | nindent 10 }}
{{- end -}}
