{{/*
What the runner may connect to, each rule with what it is for: made once, for the NetworkPolicy and for NOTES.txt.
*/}}

{{/* Rules as a JSON list of { for, rule }; `note`: why one is open to everywhere. */}}
{{- define "changeover.egress" -}}
{{- $own := .Values.pod.networkPolicy -}}
{{- $rules := list -}}
{{- range $own.apiServer -}}
{{- $rules = append $rules (dict "for" "the API server, as pod.networkPolicy.apiServer says" "rule" .) -}}
{{- else -}}
{{- $rules = concat $rules (include "changeover.egress.apiServer" $ | fromJsonArray) -}}
{{- end -}}
{{- range $own.dns -}}
{{- $rules = append $rules (dict "for" "cluster DNS, as pod.networkPolicy.dns says" "rule" .) -}}
{{- else -}}
{{- $rules = concat $rules (include "changeover.egress.clusterDns" $ | fromJsonArray) -}}
{{- end -}}
{{- range $index, $environment := include "changeover.environments" . | fromJsonArray -}}
{{- $known := list -}}
{{- range $rules -}}{{- $known = append $known .rule -}}{{- end -}}
{{- range include "changeover.egress.ofEnvironment" (dict "Values" (merge (dict "pod" $.Values.pod) $environment)) | fromJsonArray -}}
{{- if eq $index 0 -}}
{{- $rules = append $rules . -}}
{{- else if not (has .rule $known) -}}
{{- $rules = append $rules (merge (dict "for" (printf "%s, of a run that is under way" .for)) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $own.egress -}}
{{- $rules = append $rules (dict "for" "pod.networkPolicy.egress" "rule" .) -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/* What the configuration leads to. */}}
{{- define "changeover.egress.ofEnvironment" -}}
{{- $rules := include "changeover.egress.nameServers" . | fromJsonArray -}}
{{- /* Checks and loads go to their Services, behind which any port may be. */ -}}
{{- $releases := dict "namespaceSelector" (dict "matchLabels" (dict "changeover.dev/environment" .Values.environment)) -}}
{{- $rules = append $rules (dict "for" "the releases" "rule" (dict "to" (list $releases))) -}}
{{- $rules = concat $rules (include "changeover.egress.configured" . | fromJsonArray) -}}
{{- $provider := .Values.dnsProvider | default (dict "googleCloud" dict) -}}
{{- /* Not null, by which a later file takes it out. */ -}}
{{- if and (kindIs "map" $provider.googleCloud) (not $provider.googleCloud.credentials) -}}
{{- /* The metadata server, and where GKE answers for it. */ -}}
{{- $peers := list (dict "ipBlock" (dict "cidr" "169.254.169.254/32")) (dict "ipBlock" (dict "cidr" "169.254.169.252/32")) -}}
{{- $ports := list (dict "protocol" "TCP" "port" 80) (dict "protocol" "TCP" "port" 988) -}}
{{- $rules = append $rules (dict "for" "Workload Identity" "rule" (dict "to" $peers "ports" $ports)) -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/* The name servers of the configuration. One that is known by its name only may be anywhere, as may those of a zone's NS records. */}}
{{- define "changeover.egress.nameServers" -}}
{{- $servers := list ((.Values.dnsProvider | default dict).rfc2136 | default dict).server -}}
{{- $known := list -}}
{{- range $zone, $ofZone := .Values.dnsServers | default dict -}}
{{- $servers = concat $servers $ofZone -}}
{{- $known = append $known ($zone | lower | trimSuffix ".") -}}
{{- end -}}
{{- $rules := list -}}
{{- $anywhere := dict -}}
{{- range compact $servers | uniq | sortAlpha -}}
{{- $port := regexFind "[^:\\]]:[0-9]+$|\\]:[0-9]+$" . | regexFind "[0-9]+$" | default "53" -}}
{{- $cidr := include "changeover.cidr" (trimSuffix (printf ":%s" $port) . | trimAll "[]") -}}
{{- if $cidr -}}
{{- $rules = append $rules (dict "for" "a name server" "rule" (dict "to" (list (dict "ipBlock" (dict "cidr" $cidr))) "ports" (include "changeover.dnsPorts" $port | fromJsonArray))) -}}
{{- else -}}
{{- $_ := set $anywhere $port (append (get $anywhere $port | default list) .) -}}
{{- end -}}
{{- end -}}
{{- range .Values.dns -}}
{{- if not (has (.zone | lower | trimSuffix ".") $known) -}}
{{- $_ := set $anywhere "53" (append (get $anywhere "53" | default list) (printf "those that the zone %s names" .zone) | uniq) -}}
{{- end -}}
{{- end -}}
{{- /* Whoever says where DNS is has said all about what is not known by address. */ -}}
{{- if not .Values.pod.networkPolicy.dns -}}
{{- range $port, $those := $anywhere -}}
{{- $rules = append $rules (dict "for" "name servers" "note" (printf "%s; to narrow it, give addresses in dnsServers" (join ", " $those)) "rule" (dict "ports" (include "changeover.dnsPorts" $port | fromJsonArray))) -}}
{{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{- define "changeover.dnsPorts" -}}
{{- list (dict "protocol" "UDP" "port" (int .)) (dict "protocol" "TCP" "port" (int .)) | toJson -}}
{{- end -}}

{{/* `192.0.2.53` -> 192.0.2.53/32, `2001:db8::1` -> 2001:db8::1/128; a host name -> nothing */}}
{{- define "changeover.cidr" -}}
{{- if contains ":" . -}}
{{ . }}/128
{{- else if regexMatch "^[0-9]+([.][0-9]+){3}$" . -}}
{{ . }}/32
{{- end -}}
{{- end -}}
