{{/*
Where this cluster has its API server and its DNS, as the cluster says while Helm installs. `helm template` cannot ask: what it makes is
open to everywhere, at the ports that are usual. Who may not read what is asked for here gets Helm's error, in which the name of the
template stands: it says what to do.
*/}}

{{- define "changeover.egress.apiServer" -}}
{{- $found := include "look for the API server (where that is not allowed, pod.networkPolicy.apiServer says where it is)" . | fromJsonArray -}}
{{- if $found -}}
{{- toJson $found -}}
{{- else -}}
{{- $ports := list (dict "protocol" "TCP" "port" 443) (dict "protocol" "TCP" "port" 6443) -}}
{{- list (dict "for" "the API server" "note" "the cluster was not asked; to narrow it, set pod.networkPolicy.apiServer" "rule" (dict "ports" $ports)) | toJson -}}
{{- end -}}
{{- end -}}

{{- define "look for the API server (where that is not allowed, pod.networkPolicy.apiServer says where it is)" -}}
{{- $service := lookup "v1" "Service" "default" "kubernetes" -}}
{{- $rules := list -}}
{{- if $service -}}
{{- $slices := (lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "").items -}}
{{- $rules = include "changeover.egress.toService" (dict "for" "the API server" "service" $service "slices" $slices) | fromJsonArray -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{- define "changeover.egress.clusterDns" -}}
{{- $found := include "look for cluster DNS (where that is not allowed, pod.networkPolicy.dns says where it is)" . | fromJsonArray -}}
{{- if $found -}}
{{- /* What pods of a node may have to ask instead: NodeLocal DNSCache, Cloud DNS for GKE. */ -}}
{{- $pods := dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" "kube-system")) "podSelector" (dict "matchLabels" (dict "k8s-app" "node-local-dns")) -}}
{{- $peers := list (dict "ipBlock" (dict "cidr" "169.254.20.10/32")) (dict "ipBlock" (dict "cidr" "169.254.169.254/32")) $pods -}}
{{- append $found (dict "for" "DNS of the node itself" "rule" (dict "to" $peers "ports" (include "changeover.dnsPorts" "53" | fromJsonArray))) | toJson -}}
{{- else -}}
{{- list (dict "for" "cluster DNS" "note" "it was not found, or the cluster was not asked; to narrow it, set pod.networkPolicy.dns" "rule" (dict "ports" (include "changeover.dnsPorts" "53" | fromJsonArray))) | toJson -}}
{{- end -}}
{{- end -}}

{{/* As kubeadm and most others call it, RKE2, CoreDNS' own chart, and OpenShift. */}}
{{- define "look for cluster DNS (where that is not allowed, pod.networkPolicy.dns says where it is)" -}}
{{- $rules := list -}}
{{- range list "kube-system/kube-dns" "kube-system/rke2-coredns-rke2-coredns" "kube-system/coredns" "openshift-dns/dns-default" -}}
{{- $namespace := dir . -}}
{{- $service := lookup "v1" "Service" $namespace (base .) -}}
{{- if $service -}}
{{- $slices := (lookup "discovery.k8s.io/v1" "EndpointSlice" $namespace "").items -}}
{{- $rules = concat $rules (include "changeover.egress.toService" (dict "for" "cluster DNS" "service" $service "slices" $slices) | fromJsonArray) -}}
{{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end -}}

{{/*
for, service, slices: rules that lead to it. Some networks look at a packet before a Service's address is translated, others after it: both
addresses are in them. Its pods are told by their labels, as their addresses change.
*/}}
{{- define "changeover.egress.toService" -}}
{{- $namespace := .service.metadata.namespace -}}
{{- $spec := .service.spec -}}
{{- $virtual := list -}}
{{- range $spec.clusterIPs -}}
{{- with include "changeover.cidr" . -}}
{{- $virtual = append $virtual (dict "ipBlock" (dict "cidr" .)) -}}
{{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- if $virtual -}}
{{- $rules = append $rules (dict "for" .for "rule" (dict "to" $virtual "ports" (include "changeover.egress.ports" $spec.ports | fromJsonArray))) -}}
{{- end -}}
{{- $pods := dict -}}
{{- with $spec.selector -}}
{{- $pods = dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $namespace)) "podSelector" (dict "matchLabels" .) -}}
{{- end -}}
{{- range .slices -}}
{{- if eq (index (.metadata.labels | default dict) "kubernetes.io/service-name" | default "") $.service.metadata.name -}}
{{- $peers := list -}}
{{- range .endpoints -}}
{{- range .addresses -}}
{{- $peers = append $peers (dict "ipBlock" (dict "cidr" (include "changeover.cidr" .))) -}}
{{- end -}}
{{- end -}}
{{- $peers = ternary (list $pods) $peers (not (empty $pods)) -}}
{{- if and $peers .ports -}}
{{- $rules = append $rules (dict "for" $.for "rule" (dict "to" $peers "ports" (include "changeover.egress.ports" .ports | fromJsonArray))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $rules | toJson -}}
{{- end -}}

{{/* Ports of a Service or a slice, as those of a rule. Those of metrics are left out. */}}
{{- define "changeover.egress.ports" -}}
{{- $ports := list -}}
{{- range . -}}
{{- if ne (.name | default "") "metrics" -}}
{{- $ports = append $ports (dict "protocol" (.protocol | default "TCP") "port" (int .port)) -}}
{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}
