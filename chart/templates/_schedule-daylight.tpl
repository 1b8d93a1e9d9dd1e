{{/*
What changes of clocks do to a schedule within 53 weeks, like src/config/schedule-daylight.ts, which a test compares.
*/}}

{{/* schedule, timeZone, from -> JSON: [{effect: skipped|twice|extra, date, times}] */}}
{{- define "changeover.schedule.daylight" -}}
{{- $fields := include "changeover.schedule.fields" .schedule | fromJson -}}
{{- $warnings := list -}}
{{- if not (or $fields.everySeconds (eq (len ($fields.hours | default dict)) 24) (gt (mul (len ($fields.hours | default dict)) (len ($fields.minutes | default dict))) 24)) -}}
{{- range include "changeover.schedule.changes" (dict "timeZone" .timeZone "from" .from) | fromJsonArray -}}
{{- $midnight := int64 . -}}
{{- $day := dict "fields" $fields "timeZone" $.timeZone "midnight" $midnight -}}
{{- $wanted := include "changeover.schedule.wanted" $day | fromJsonArray -}}
{{- $actual := include "changeover.schedule.actual" $day | fromJsonArray -}}
{{- $skipped := list -}}
{{- $twice := list -}}
{{- $extra := list -}}
{{- range $time := $wanted -}}
{{- $times := 0 -}}
{{- range $actual -}}
{{- $times = add $times (ternary 1 0 (eq . $time)) -}}
{{- end -}}
{{- if eq (int $times) 0 -}}
{{- $skipped = append $skipped $time -}}
{{- else if gt (int $times) 1 -}}
{{- $twice = append $twice $time -}}
{{- end -}}
{{- end -}}
{{- range $actual -}}
{{- if not (has . $wanted) -}}
{{- $extra = append $extra . -}}
{{- end -}}
{{- end -}}
{{- $date := dateInZone "2006-01-02" $midnight "UTC" -}}
{{- range $effect, $times := dict "skipped" $skipped "twice" $twice "extra" $extra -}}
{{- if $times -}}
{{- $warnings = append $warnings (dict "effect" $effect "date" $date "times" $times) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $warnings -}}
{{- end -}}

{{/* Local midnights, as if UTC, of the days that a change of clocks touches. By weeks first: no zone changes its clocks back within one. */}}
{{- define "changeover.schedule.changes" -}}
{{- $timeZone := .timeZone -}}
{{- $from := int64 .from -}}
{{- $midnights := list -}}
{{- range $week := until 53 -}}
{{- $start := add $from (mul $week 604800) -}}
{{- if ne (dateInZone "-0700" $start $timeZone) (dateInZone "-0700" (add $start 604800) $timeZone) -}}
{{- $before := dateInZone "-0700" $start $timeZone -}}
{{- $day := $start -}}
{{- range until 7 -}}
{{- if eq (dateInZone "-0700" (add $day 86400) $timeZone) $before -}}
{{- $day = add $day 86400 -}}
{{- end -}}
{{- end -}}
{{- $change := add $day (sub 900 (mod $day 900)) -}}
{{- range until 96 -}}
{{- if eq (dateInZone "-0700" $change $timeZone) $before -}}
{{- $change = add $change 900 -}}
{{- end -}}
{{- end -}}
{{- range list (sub $change 1) $change -}}
{{- $local := include "changeover.schedule.local" (dict "at" . "timeZone" $timeZone) | int64 -}}
{{- $midnights = append $midnights (sub $local (mod $local 86400)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson (uniq $midnights) -}}
{{- end -}}

{{/* fields, midnight -> the times at which clocks should see it fire on that day. */}}
{{- define "changeover.schedule.wanted" -}}
{{- $fields := .fields -}}
{{- $date := toDate "2006-01-02" (dateInZone "2006-01-02" .midnight "UTC") -}}
{{- $isDay := hasKey $fields.days (toString $date.Day) -}}
{{- $isWeekday := hasKey $fields.weekdays (toString (int $date.Weekday)) -}}
{{- $times := list -}}
{{- if and (hasKey $fields.months (toString (int $date.Month))) (ternary (or $isDay $isWeekday) (and $isDay $isWeekday) $fields.isEitherDay) -}}
{{- range $hour, $_ := $fields.hours -}}
{{- range $minute, $_ := $fields.minutes -}}
{{- $times = append $times (printf "%02d:%02d" (int $hour) (int $minute)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- sortAlpha $times | toJson -}}
{{- end -}}

{{/* fields, timeZone, midnight -> those at which it does. Begun on the day before: the controller goes from one run to the next. */}}
{{- define "changeover.schedule.actual" -}}
{{- $instant := dict "local" (sub .midnight 86400) "timeZone" .timeZone -}}
{{- $from := sub (include "changeover.schedule.instant" $instant | int64) 1 -}}
{{- $times := list -}}
{{- range include "changeover.schedule.next" (dict "fields" .fields "timeZone" .timeZone "from" $from "count" 144 "before" (add $from 190000)) | fromJsonArray -}}
{{- $local := include "changeover.schedule.local" (dict "at" (int64 .) "timeZone" $.timeZone) | int64 -}}
{{- if eq (sub $local (mod $local 86400)) (int64 $.midnight) -}}
{{- $times = append $times (dateInZone "15:04" $local "UTC") -}}
{{- end -}}
{{- end -}}
{{- toJson $times -}}
{{- end -}}
