{{/*
Where the runner connects to, read from the configuration: ports, since addresses of names change.
*/}}

{{/* `192.0.2.53:5353` -> 5353, `[2001:db8::1]` -> 53 */}}
{{- define "changeover.dnsPort" -}}
{{- regexFind "[^:\\]]:[0-9]+$|\\]:[0-9]+$" . | regexFind "[0-9]+$" | default "53" -}}
{{- end -}}

{{/* `https://x.example:8443/y` -> 8443, `git@x.example:y` -> 22; what is no address, such as a path -> nothing */}}
{{- define "changeover.urlPort" -}}
{{- $ports := dict "https" "443" "oci" "443" "http" "80" "ssh" "22" "git" "9418" -}}
{{- if regexMatch "^[a-z+]+://" . -}}
{{- $url := urlParse . -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (get $ports ($url.scheme | trimPrefix "git+")) -}}
{{- else if regexMatch "^[^/]+@[^/]+:" . -}}
22
{{- end -}}
{{- end -}}

{{/* The name servers of the configuration, as it has them, as JSON. */}}
{{- define "changeover.nameServers" -}}
{{- $servers := list ((.Values.dnsProvider | default dict).rfc2136 | default dict).server -}}
{{- range $_, $ofZone := .Values.dnsServers | default dict -}}
{{- $servers = concat $servers $ofZone -}}
{{- end -}}
{{- dict "servers" (compact $servers | uniq | sortAlpha) | toJson -}}
{{- end -}}

{{/* `192.0.2.53:5353` -> 192.0.2.53/32, `[2001:db8::1]` -> 2001:db8::1/128; a host name -> nothing */}}
{{- define "changeover.dnsCidr" -}}
{{- if hasPrefix "[" . -}}
{{ regexFind "[0-9a-fA-F:]+" . }}/128
{{- else if regexMatch "^[0-9.]+(:[0-9]+)?$" . -}}
{{ regexFind "^[0-9.]+" . }}/32
{{- end -}}
{{- end -}}

{{/* Ports of DNS and of TCP that are open to everywhere, as JSON; none of what has rules of its own. */}}
{{- define "changeover.egressPorts" -}}
{{- $own := .Values.pod.networkPolicy -}}
{{- $provider := .Values.dnsProvider | default (dict "googleCloud" dict) -}}
{{- $dns := list -}}
{{- if not $own.dns -}}
{{- $dns = list "53" -}}
{{- range (include "changeover.nameServers" . | fromJson).servers -}}
{{- $dns = append $dns (include "changeover.dnsPort" .) -}}
{{- end -}}
{{- end -}}
{{- $urls := list ($provider.googleCloud | default dict).endpoint -}}
{{- if or (hasKey $provider "googleCloud") (.Values.notify | default dict).webhooks -}}
{{- /* Webhooks are secrets: this is the usual port. */ -}}
{{- $urls = append $urls "https://any" -}}
{{- end -}}
{{- $chart := .Values.release.chart | default dict -}}
{{- $urls = concat $urls (list $chart.git $chart.oci $chart.repository .Values.dataConfig) -}}
{{- range (.Values.verify | default dict).http -}}
{{- $urls = append $urls .url -}}
{{- end -}}
{{- range .Values.load -}}
{{- $urls = concat $urls (list (.jobList | default dict).base (.jobList | default dict).dataConfig) -}}
{{- end -}}
{{- /* Without rules for it, the API server is somewhere, and so are load balancers that a cloud has outside of the cluster. */ -}}
{{- $tcp := list -}}
{{- if not $own.apiServer -}}
{{- $tcp = list "80" "443" "6443" -}}
{{- end -}}
{{- range compact $urls -}}
{{- $tcp = append $tcp (include "changeover.urlPort" .) -}}
{{- end -}}
{{- dict "dns" ($dns | uniq | sortAlpha) "tcp" (compact $tcp | uniq | sortAlpha) | toJson -}}
{{- end -}}
