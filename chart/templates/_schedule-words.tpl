{{/*
A schedule in words, from the sets of numbers that it means.
*/}}

{{/* `0 3 * * 6` -> at 03:00, every Saturday */}}
{{- define "changeover.schedule.words" -}}
{{- if hasPrefix "@every" . -}}
every {{ trimPrefix "@every " . }}, counted from the last start
{{- else -}}
{{- $fields := include "changeover.schedule.fields" . | fromJson -}}
{{- include "changeover.schedule.timeWords" $fields }}, {{ include "changeover.schedule.dayWords" $fields -}}
{{- end -}}
{{- end -}}

{{- define "changeover.schedule.timeWords" -}}
{{- $minutes := include "changeover.schedule.numbers" .minutes | fromJsonArray -}}
{{- $hours := include "changeover.schedule.numbers" .hours | fromJsonArray -}}
{{- if le (mul (len $minutes) (len $hours)) 6 -}}
{{- $times := list -}}
{{- range $hour := $hours -}}
{{- range $minutes -}}
{{- $times = append $times (printf "%02d:%02d" (int $hour) (int .)) -}}
{{- end -}}
{{- end -}}
at {{ include "changeover.and" $times -}}
{{- else -}}
{{- $every := include "changeover.schedule.step" (dict "numbers" $minutes "size" 60) | int -}}
{{- $hourly := include "changeover.schedule.step" (dict "numbers" $hours "size" 24) | int -}}
{{- if and $every (gt (len $minutes) 1) -}}
every {{ eq $every 1 | ternary "minute" (printf "%d minutes" $every) }}
{{- if ne $hourly 1 }} in the {{ eq (len $hours) 1 | ternary "hour" "hours" }} from {{ include "changeover.and" (include "changeover.schedule.clock" $hours | fromJsonArray) }}{{ end -}}
{{- else -}}
{{- $past := printf "at %s past" (include "changeover.and" (include "changeover.schedule.plain" $minutes | fromJsonArray)) -}}
{{- if eq (len $minutes) 1 -}}
{{- $past = eq (first $minutes | int) 0 | ternary "on the hour," (printf "%d min past" (first $minutes | int)) -}}
{{- end -}}
{{ $past }} {{ if $hourly }}every {{ eq $hourly 1 | ternary "hour" (printf "%d hours from 00:00" $hourly) }}{{ else }}{{ include "changeover.and" (include "changeover.schedule.clock" $hours | fromJsonArray) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "changeover.schedule.dayWords" -}}
{{- $dayNames := list "Sunday" "Monday" "Tuesday" "Wednesday" "Thursday" "Friday" "Saturday" -}}
{{- $monthNames := list "" "January" "February" "March" "April" "May" "June" "July" "August" "September" "October" "November" "December" -}}
{{- $weekdays := list -}}
{{- $dayNumbers := include "changeover.schedule.numbers" .weekdays | fromJsonArray -}}
{{- range $dayNumbers -}}
{{- $weekdays = append $weekdays (index $dayNames (int .)) -}}
{{- end -}}
{{- $months := list -}}
{{- range include "changeover.schedule.numbers" .months | fromJsonArray -}}
{{- $months = append $months (index $monthNames (int .)) -}}
{{- end -}}
{{- $onDays := printf "on day %s of the month" (include "changeover.and" (include "changeover.schedule.plain" (include "changeover.schedule.numbers" .days | fromJsonArray) | fromJsonArray)) -}}
{{- $onWeekdays := printf "every %s" (include "changeover.and" $weekdays) -}}
{{- if and (gt (len $weekdays) 2) (eq (len $weekdays) (add1 (sub (last $dayNumbers) (first $dayNumbers)) | int)) -}}
{{- $onWeekdays = printf "every %s to %s" (first $weekdays) (last $weekdays) -}}
{{- end -}}
{{- if or (eq (len .days) 31 | and .isEitherDay) (eq (len .weekdays) 7 | and .isEitherDay) (and (eq (len .days) 31) (eq (len .weekdays) 7)) -}}
every day
{{- else if .isEitherDay -}}
{{ $onDays }} and also {{ $onWeekdays }}
{{- else if eq (len .weekdays) 7 -}}
{{ $onDays }}
{{- else -}}
{{ $onWeekdays }}
{{- end -}}
{{- if lt (len .months) 12 }}, in {{ include "changeover.and" $months }}{{ end -}}
{{- end -}}

{{/* A set -> its numbers in order. */}}
{{- define "changeover.schedule.numbers" -}}
{{- $numbers := list -}}
{{- range until 60 -}}
{{- if hasKey $ (toString .) -}}
{{- $numbers = append $numbers . -}}
{{- end -}}
{{- end -}}
{{- toJson $numbers -}}
{{- end -}}

{{/* numbers that fill `size` in equal steps from 0 -> the step, otherwise nothing. */}}
{{- define "changeover.schedule.step" -}}
{{- $step := div .size (len .numbers) | int -}}
{{- $isEven := eq (mod .size (len .numbers)) 0 -}}
{{- range $index, $number := .numbers -}}
{{- $isEven = and $isEven (eq (int $number) (int (mul $index $step))) -}}
{{- end -}}
{{- if $isEven }}{{ $step }}{{ end -}}
{{- end -}}

{{- define "changeover.schedule.clock" -}}
{{- $clock := list -}}
{{- range . -}}
{{- $clock = append $clock (printf "%02d:00" (int .)) -}}
{{- end -}}
{{- toJson $clock -}}
{{- end -}}

{{- define "changeover.schedule.plain" -}}
{{- $plain := list -}}
{{- range . -}}
{{- $plain = append $plain (toString (int .)) -}}
{{- end -}}
{{- toJson $plain -}}
{{- end -}}

{{/* [a, b, c] -> a, b and c */}}
{{- define "changeover.and" -}}
{{- if gt (len .) 1 }}{{ join ", " (initial .) }} and {{ end }}{{ last . -}}
{{- end -}}
