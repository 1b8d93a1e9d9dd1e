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

{{/* Ports of DNS and of TCP that are open to everywhere, as JSON. */}}
{{- define "changeover.egressPorts" -}}
{{- $dns := list "53" -}}
{{- $provider := .Values.dnsProvider | default dict -}}
{{- with ($provider.rfc2136 | default dict).server -}}
{{- $dns = append $dns (include "changeover.dnsPort" .) -}}
{{- end -}}
{{- range $_, $servers := .Values.dnsServers | default dict -}}
{{- range $servers -}}
{{- $dns = append $dns (include "changeover.dnsPort" .) -}}
{{- end -}}
{{- end -}}
{{- /* 443 and 6443: API server, webhooks, Google Cloud. */ -}}
{{- $urls := list ($provider.googleCloud | default dict).endpoint -}}
{{- $chart := .Values.release.chart | default dict -}}
{{- $urls = concat $urls (list $chart.git $chart.oci $chart.repository .Values.dataConfig) -}}
{{- range (.Values.verify | default dict).http -}}
{{- $urls = append $urls .url -}}
{{- end -}}
{{- range .Values.load -}}
{{- $urls = concat $urls (list (.jobList | default dict).base (.jobList | default dict).dataConfig) -}}
{{- end -}}
{{- $tcp := list "443" "6443" -}}
{{- range compact $urls -}}
{{- $tcp = append $tcp (include "changeover.urlPort" .) -}}
{{- end -}}
{{- dict "dns" ($dns | uniq | sortAlpha) "tcp" (compact $tcp | uniq | sortAlpha) | toJson -}}
{{- end -}}
