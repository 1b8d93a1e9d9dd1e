{{/*
What the configuration names by an address on the web: open at its port, and only where something is configured. A policy knows no host
names: such a port is open to everywhere.
*/}}

{{- define "changeover.egress.configured" -}}
{{- $rules := list -}}
{{- $anywhere := dict -}}
{{- range include "changeover.egress.urls" . | fromJsonArray -}}
{{- $port := include "changeover.urlPort" .url -}}
{{- $cidr := include "changeover.cidr" (include "changeover.urlHost" .url) -}}
{{- if and $port $cidr -}}
{{- $rules = append $rules (dict "for" .for "rule" (dict "to" (list (dict "ipBlock" (dict "cidr" $cidr))) "ports" (list (dict "protocol" "TCP" "port" (int $port))))) -}}
{{- else if $port -}}
{{- $_ := set $anywhere $port (append (get $anywhere $port | default list) .for | uniq) -}}
{{- end -}}
{{- end -}}
{{- range $port, $for := $anywhere -}}
{{- $rules = append $rules (dict "for" (join ", " $for) "note" "known by name only" "rule" (dict "ports" (list (dict "protocol" "TCP" "port" (int $port))))) -}}
{{- end -}}
{{- uniq $rules | toJson -}}
{{- end -}}

{{/* As a JSON list of { for, url }. */}}
{{- define "changeover.egress.urls" -}}
{{- $provider := .Values.dnsProvider | default (dict "googleCloud" dict) -}}
{{- $urls := list -}}
{{- if kindIs "map" $provider.googleCloud -}}
{{- $urls = append $urls (dict "for" "Google Cloud DNS" "url" "https://dns.googleapis.com") -}}
{{- with $provider.googleCloud.endpoint -}}
{{- $urls = append $urls (dict "for" "dnsProvider.googleCloud.endpoint" "url" .) -}}
{{- end -}}
{{- end -}}
{{- if (.Values.notify | default dict).webhooks -}}
{{- /* They are secrets: this is the usual port. */ -}}
{{- $urls = append $urls (dict "for" "notify.webhooks" "url" "https://any") -}}
{{- end -}}
{{- $chart := (.Values.release | default dict).chart | default dict -}}
{{- range compact (list $chart.git $chart.oci $chart.repository) -}}
{{- $urls = append $urls (dict "for" "release.chart" "url" .) -}}
{{- end -}}
{{- with .Values.dataConfig -}}
{{- $urls = append $urls (dict "for" "dataConfig" "url" .) -}}
{{- end -}}
{{- range (.Values.verify | default dict).http -}}
{{- $urls = append $urls (dict "for" "verify.http, at load balancers outside of the cluster" "url" .url) -}}
{{- end -}}
{{- range .Values.load -}}
{{- with (.jobList | default dict).dataConfig -}}
{{- $urls = append $urls (dict "for" "dataConfig" "url" .) -}}
{{- end -}}
{{- /* A Service of the candidate is among the releases. */ -}}
{{- $base := (.jobList | default dict).base | default "" -}}
{{- if and $base (not (regexMatch "^https?://[^/]*[.]{namespace}[.]svc([.:/]|$)" $base)) -}}
{{- $urls = append $urls (dict "for" "load[].jobList.base" "url" (replace "{namespace}" "namespace" $base)) -}}
{{- end -}}
{{- end -}}
{{- toJson $urls -}}
{{- end -}}

{{/* `https://x.example:8443/y` -> 8443, `git@x.example:y` and `x.example:y` -> 22; what is no address, such as a path -> nothing */}}
{{- define "changeover.urlPort" -}}
{{- $ports := dict "https" "443" "oci" "443" "http" "80" "ssh" "22" "git" "9418" -}}
{{- if regexMatch "^[a-zA-Z+]+://" . -}}
{{- $url := urlParse . -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (get $ports ($url.scheme | lower | trimPrefix "git+")) -}}
{{- else if regexMatch "^([^/]+@)?[^/:]+:" . -}}
22
{{- end -}}
{{- end -}}

{{- define "changeover.urlHost" -}}
{{- if regexMatch "^[a-zA-Z+]+://" . -}}
{{- (urlParse .).hostname -}}
{{- end -}}
{{- end -}}
