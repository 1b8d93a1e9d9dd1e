{{/*
Parts of NOTES.txt: one scheduled operation with its next runs and what changes of clocks do to it.
*/}}

{{/* operation, schedule, timeZone, now, namespace, cronJob */}}
{{- define "changeover.notes.schedule" -}}
{{- $timeZone := .timeZone -}}
{{- $utc := list "Etc/UTC" "UTC" "Etc/UCT" "UCT" "Zulu" "Etc/Zulu" "Universal" "Etc/Universal" -}}
{{ .operation }}: {{ include "changeover.schedule.words" .schedule }}, {{ $timeZone }} ({{ .schedule }})
{{- /* dateInZone takes UTC for a zone that it cannot find. */ -}}
{{- if and (not (has $timeZone $utc)) (eq (dateInZone "MST" .now $timeZone) "UTC") }}
  next: unknown, because the machine that runs helm has no time zones (tzdata); `changeover validate` tells the next runs
{{- else }}
{{- $fields := include "changeover.schedule.fields" .schedule | fromJson }}
{{- range $index, $run := include "changeover.schedule.next" (dict "fields" $fields "timeZone" $timeZone "from" (include "changeover.notes.from" (merge (dict "every" $fields.everySeconds) .)) "count" 3) | fromJsonArray }}
  {{ ternary "next:" "     " (eq $index 0) }} {{ include "changeover.notes.time" (dict "at" (int64 $run) "timeZone" $timeZone "isUtc" (has $timeZone $utc)) }}
{{- end }}
{{- range include "changeover.schedule.daylight" (dict "schedule" .schedule "timeZone" $timeZone "from" .now) | fromJsonArray }}
  WARNING: on {{ .date }} {{ include "changeover.notes.daylight" . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Now, or for @every the last time that was counted: from the last start, or the birth of the CronJob. */}}
{{- define "changeover.notes.from" -}}
{{- if .every -}}
{{- $cronJob := lookup "batch/v1" "CronJob" .namespace .cronJob | default dict -}}
{{- $since := ($cronJob.status | default dict).lastScheduleTime | default ($cronJob.metadata | default dict).creationTimestamp -}}
{{- $from := .now -}}
{{- with $since -}}
{{- $from = (toDate "2006-01-02T15:04:05Z07:00" .).Unix -}}
{{- end -}}
{{- sub .now (mod (sub .now $from) (int64 .every)) -}}
{{- else -}}
{{- .now -}}
{{- end -}}
{{- end -}}

{{/* `2026-11-28 03:00 Europe/Berlin (02:00 UTC)` */}}
{{- define "changeover.notes.time" -}}
{{- $clock := ternary "15:04" "15:04:05" (eq (mod .at 60) 0) -}}
{{- $there := dateInZone "2006-01-02" .at .timeZone -}}
{{- $date := dateInZone "2006-01-02" .at "UTC" -}}
{{- if .isUtc -}}
{{ $date }} {{ dateInZone $clock .at "UTC" }} UTC
{{- else -}}
{{ $there }} {{ dateInZone $clock .at .timeZone }} {{ .timeZone }} ({{ if ne $date $there }}{{ $date }} {{ end }}{{ dateInZone $clock .at "UTC" }} UTC)
{{- end -}}
{{- end -}}

{{/* One warning of changeover.schedule.daylight, in the words of `changeover validate`. */}}
{{- define "changeover.notes.daylight" -}}
{{- $at := join ", " .times -}}
{{- if gt (len .times) 3 -}}
{{- $at = printf "%s … %s (%d times)" (first .times) (last .times) (len .times) -}}
{{- end -}}
{{- if eq .effect "skipped" -}}
clocks go forward: nothing starts at {{ $at }}
{{- else if eq .effect "twice" -}}
clocks go back: {{ $at }} comes twice, and minInterval decides about the second start
{{- else -}}
clocks go forward at midnight, which misleads the CronJob controller: it starts at {{ $at }}, too
{{- end -}}
{{- end -}}

{{/* One rule of changeover.egress in a line: `the API server: 10.96.0.1, TCP 443` */}}
{{- define "changeover.notes.egress" -}}
{{- $peers := list -}}
{{- range .rule.to -}}
{{- $peers = append $peers (include "changeover.notes.peer" .) -}}
{{- end -}}
{{- $ports := list -}}
{{- range .rule.ports -}}
{{- $ports = append $ports (printf "%s %v%s" (.protocol | default "TCP") (.port | default "any") (ternary (printf "–%v" .endPort) "" (hasKey . "endPort"))) -}}
{{- end -}}
{{ .for }}: {{ join ", " $peers | default "EVERYWHERE" }}, {{ join ", " $ports | default "any port" }}{{ with .note }} ({{ . }}){{ end }}
{{- end -}}

{{/* `10.96.0.1`, `pods of kube-dns in kube-system` */}}
{{- define "changeover.notes.peer" -}}
{{- if .ipBlock -}}
{{ regexReplaceAll "^([0-9.]+)/32$" .ipBlock.cidr "${1}" }}{{ with .ipBlock.except }} but {{ join ", " . }}{{ end }}
{{- else -}}
{{- $namespaces := "this namespace" -}}
{{- if hasKey . "namespaceSelector" -}}
{{- $namespaces = include "changeover.notes.selector" .namespaceSelector | default "all namespaces" -}}
{{- end -}}
pods of {{ with include "changeover.notes.selector" .podSelector }}{{ . }} in {{ end }}{{ $namespaces }}
{{- end -}}
{{- end -}}

{{- define "changeover.notes.selector" -}}
{{- $words := values ((. | default dict).matchLabels | default dict) | sortAlpha -}}
{{- range (. | default dict).matchExpressions -}}
{{- $words = append $words (toJson .) -}}
{{- end -}}
{{- join ", " $words -}}
{{- end -}}
