{{/*
When a schedule fires, as the CronJob controller fires it: the algorithm of robfig/cron v3, like src/config/schedule.ts, which
a test compares. Times are seconds since 1970. What clocks show is got from `dateInZone`, so changes of clocks come by themselves.
*/}}

{{/* A schedule -> JSON: sets as mappings with the numbers as keys, or `everySeconds`. */}}
{{- define "changeover.schedule.fields" -}}
{{- $shortcuts := dict "@yearly" "0 0 1 1 *" "@annually" "0 0 1 1 *" "@monthly" "0 0 1 * *" "@weekly" "0 0 * * 0" "@daily" "0 0 * * *" "@midnight" "0 0 * * *" "@hourly" "0 * * * *" -}}
{{- $months := dict "jan" 1 "feb" 2 "mar" 3 "apr" 4 "may" 5 "jun" 6 "jul" 7 "aug" 8 "sep" 9 "oct" 10 "nov" 11 "dec" 12 -}}
{{- $weekdays := dict "sun" 0 "mon" 1 "tue" 2 "wed" 3 "thu" 4 "fri" 5 "sat" 6 -}}
{{- $kinds := list (dict "of" "minutes" "min" 0 "max" 59) (dict "of" "hours" "min" 0 "max" 23) (dict "of" "days" "min" 1 "max" 31) (dict "of" "months" "min" 1 "max" 12 "names" $months) (dict "of" "weekdays" "min" 0 "max" 6 "names" $weekdays) -}}
{{- $fields := dict "isEitherDay" true -}}
{{- if hasPrefix "@every" . -}}
{{- $_ := set $fields "everySeconds" (include "changeover.schedule.every" . | int64) -}}
{{- else -}}
{{- range $index, $text := regexSplit "\\s+" (trim (get $shortcuts . | default .)) -1 -}}
{{- $kind := index $kinds $index -}}
{{- $names := $kind.names | default dict -}}
{{- $values := dict -}}
{{- range splitList "," (lower $text) -}}
{{- $parts := splitList "/" . -}}
{{- $ends := splitList "-" (first $parts) -}}
{{- $isStar := has (first $ends) (list "*" "?") -}}
{{- $step := ternary (last $parts | int) 1 (gt (len $parts) 1) -}}
{{- $first := ternary $kind.min (get $names (first $ends) | default (first $ends) | int) $isStar -}}
{{- $last := get $names (last $ends) | default (last $ends) | int -}}
{{- if or $isStar (and (gt (len $parts) 1) (eq (len $ends) 1)) -}}
{{- $last = $kind.max -}}
{{- end -}}
{{- range untilStep $first (int (add1 $last)) $step -}}
{{- $_ := set $values (toString .) true -}}
{{- end -}}
{{- /* With a step of more than one a star no longer counts as one. */ -}}
{{- if and $isStar (eq $step 1) (has $kind.of (list "days" "weekdays")) -}}
{{- $_ := set $fields "isEitherDay" false -}}
{{- end -}}
{{- end -}}
{{- $_ := set $fields $kind.of $values -}}
{{- end -}}
{{- end -}}
{{- toJson $fields -}}
{{- end -}}

{{/* `@every 1h30m` -> 5400 */}}
{{- define "changeover.schedule.every" -}}
{{- $units := dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 -}}
{{- $total := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|s|m|h)" . -1 -}}
{{- $total = addf $total (mulf (regexFind "[0-9.]+" . | float64) (get $units (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- floor $total | int64 -}}
{{- end -}}

{{/* What clocks in `timeZone` show at `at`, as seconds as if it were UTC. */}}
{{- define "changeover.schedule.local" -}}
{{- (toDate "2006-01-02T15:04:05Z07:00" (dateInZone "2006-01-02T15:04:05Z" .at .timeZone)).Unix -}}
{{- end -}}

{{/* The way back. Of a time that comes twice or never, the one that Go's time.Date gives. */}}
{{- define "changeover.schedule.instant" -}}
{{- $local := int64 .local -}}
{{- $guess := sub (mul 2 $local) (include "changeover.schedule.local" (dict "at" $local "timeZone" .timeZone) | int64) -}}
{{- sub (add $local $guess) (include "changeover.schedule.local" (dict "at" $guess "timeZone" .timeZone) | int64) -}}
{{- end -}}

{{/*
fields, timeZone, from; count: how many at most; before: none at or after that -> JSON: the next runs.
Each turn of the loop looks at one unit of the present moment: moves on by it, or goes on to the next smaller one.
*/}}
{{- define "changeover.schedule.next" -}}
{{- $fields := .fields -}}
{{- $timeZone := .timeZone -}}
{{- $before := .before | default 99999999999 | int64 -}}
{{- $count := int .count -}}
{{- $runs := list -}}
{{- if $fields.everySeconds -}}
{{- range until $count -}}
{{- $runs = append $runs (add (int64 $.from) (mul (add1 .) (int64 $fields.everySeconds))) -}}
{{- end -}}
{{- else -}}
{{- $at := add1 (int64 .from) -}}
{{- $unit := 0 -}}
{{- $hasMoved := false -}}
{{- $isCarried := false -}}
{{- $lastYear := 0 -}}
{{- range until (int (add 1000 (mul $count 400))) -}}
{{- $wall := toDate "2006-01-02T15:04:05Z07:00" (dateInZone "2006-01-02T15:04:05Z" $at $timeZone) -}}
{{- if $isCarried -}}
{{- $firsts := list (eq (int $wall.Month) 1) (eq $wall.Day 1) (eq $wall.Hour 0) (eq $wall.Minute 0) true -}}
{{- $isCarried = false -}}
{{- if index $firsts $unit -}}
{{- $unit = 0 -}}
{{- end -}}
{{- end -}}
{{- if eq $lastYear 0 -}}
{{- $lastYear = int (add $wall.Year 5) -}}
{{- end -}}
{{- if or (ge (len $runs) $count) (ge $at $before) (and (eq $unit 0) (gt $wall.Year $lastYear)) -}}
{{- break -}}
{{- end -}}
{{- $isMatch := false -}}
{{- if eq $unit 0 -}}
{{- $isMatch = hasKey $fields.months (toString (int $wall.Month)) -}}
{{- else if eq $unit 1 -}}
{{- $isDay := hasKey $fields.days (toString $wall.Day) -}}
{{- $isWeekday := hasKey $fields.weekdays (toString (int $wall.Weekday)) -}}
{{- $isMatch = ternary (or $isDay $isWeekday) (and $isDay $isWeekday) $fields.isEitherDay -}}
{{- else if eq $unit 2 -}}
{{- $isMatch = hasKey $fields.hours (toString $wall.Hour) -}}
{{- else if eq $unit 3 -}}
{{- $isMatch = hasKey $fields.minutes (toString $wall.Minute) -}}
{{- else -}}
{{- $isMatch = eq $wall.Second 0 -}}
{{- end -}}
{{- if and $isMatch (lt $unit 4) -}}
{{- $unit = add1 $unit | int -}}
{{- else if $isMatch -}}
{{- $runs = append $runs $at -}}
{{- $at = add1 $at -}}
{{- $unit = 0 -}}
{{- $hasMoved = false -}}
{{- $lastYear = 0 -}}
{{- else -}}
{{- $at = include "changeover.schedule.advance" (dict "wall" $wall "at" $at "unit" $unit "hasMoved" $hasMoved "timeZone" $timeZone) | int64 -}}
{{- $hasMoved = true -}}
{{- $isCarried = true -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $runs -}}
{{- end -}}

{{/* The moment one unit later; when nothing has moved yet, from the beginning of the unit. */}}
{{- define "changeover.schedule.advance" -}}
{{- $local := .wall.Unix -}}
{{- if eq .unit 0 -}}
{{- $start := .wall -}}
{{- if not .hasMoved -}}
{{- $first := sub (sub $local (mod $local 86400)) (mul 86400 (sub .wall.Day 1)) -}}
{{- $at := include "changeover.schedule.instant" (dict "local" $first "timeZone" .timeZone) | int64 -}}
{{- $start = toDate "2006-01-02T15:04:05Z07:00" (dateInZone "2006-01-02T15:04:05Z" $at .timeZone) -}}
{{- end -}}
{{- include "changeover.schedule.instant" (dict "local" ($start.AddDate 0 1 0).Unix "timeZone" .timeZone) -}}
{{- else if eq .unit 1 -}}
{{- if not .hasMoved -}}
{{- $at := include "changeover.schedule.instant" (dict "local" (sub $local (mod $local 86400)) "timeZone" .timeZone) | int64 -}}
{{- $local = include "changeover.schedule.local" (dict "at" $at "timeZone" .timeZone) | int64 -}}
{{- end -}}
{{- $tomorrow := include "changeover.schedule.instant" (dict "local" (add $local 86400) "timeZone" .timeZone) | int64 -}}
{{- /* Midnight may not exist. */ -}}
{{- $hour := div (mod (include "changeover.schedule.local" (dict "at" $tomorrow "timeZone" .timeZone) | int64) 86400) 3600 -}}
{{- add $tomorrow (mul 3600 (ternary (sub 24 $hour) (sub 0 $hour) (gt $hour 12))) -}}
{{- else if eq .unit 2 -}}
{{- $at := .at -}}
{{- if not .hasMoved -}}
{{- $at = include "changeover.schedule.instant" (dict "local" (sub $local (mod $local 3600)) "timeZone" .timeZone) | int64 -}}
{{- end -}}
{{- add $at 3600 -}}
{{- else if eq .unit 3 -}}
{{- add 60 (ternary .at (sub .at (mod .at 60)) .hasMoved) -}}
{{- else -}}
{{- add .at (sub 60 (mod .at 60)) -}}
{{- end -}}
{{- end -}}
