// NetworkPolicies as rules of iptables: pure, from the objects of the API to the text that iptables-restore reads.
// IPv6 is left out, as everywhere in this cluster.
package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	egressChain  = "CHANGEOVER-EGRESS"
	ingressChain = "CHANGEOVER-INGRESS"
)

// world is what decides: policies by namespace and name, and the pods with an address of their own.
type world struct {
	podRange   netip.Prefix
	namespaces map[string]labels.Set
	pods       []podAddress
	policies   []*networkingv1.NetworkPolicy
}

type podAddress struct {
	*corev1.Pod
	address netip.Addr
}

// interval of addresses, both ends included.
type interval struct{ first, last netip.Addr }

var everywhere = interval{netip.MustParseAddr("0.0.0.0"), netip.MustParseAddr("255.255.255.255")}

// service is a protocol with its ports; without a protocol it is everything.
type service struct {
	protocol    string
	first, last int32
}

func worldOf(
	podRange netip.Prefix, namespaces []*corev1.Namespace, pods []*corev1.Pod, policies []*networkingv1.NetworkPolicy,
) world {
	seen := world{podRange: podRange, namespaces: map[string]labels.Set{}, policies: slices.Clone(policies)}
	for _, namespace := range namespaces {
		seen.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range pods {
		address, err := netip.ParseAddr(pod.Status.PodIP)
		// The address of a pod that has ended belongs to whoever gets it next.
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		if err == nil && address.Is4() && !ended && !pod.Spec.HostNetwork {
			seen.pods = append(seen.pods, podAddress{pod, address})
		}
	}
	// In one order, so that the same state is the same text.
	slices.SortFunc(seen.pods, func(a, b podAddress) int { return a.address.Compare(b.address) })
	slices.SortFunc(seen.policies, func(a, b *networkingv1.NetworkPolicy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return seen
}

// rules for iptables-restore without flush. The mangle table sees a packet behind kube-proxy's translation and before the
// filter table, where kube-proxy accepts some for good. Only what opens a connection is looked at: answers belong to it.
//
// What pods send to the node's own addresses (API server, cluster DNS, name servers) counts as sent to other machines; what
// the node sends to its pods is never stopped, as the API of NetworkPolicies has it (probes of the kubelet).
func (w world) rules() string {
	lines := []string{
		"*mangle",
		fmt.Sprintf(":%s - [0:0]", egressChain),
		fmt.Sprintf(":%s - [0:0]", ingressChain),
		"--flush INPUT",
		"--flush FORWARD",
	}
	opening := "--match conntrack ! --ctstate RELATED,ESTABLISHED --jump"
	lines = append(lines,
		fmt.Sprintf("-A INPUT --source %s %s %s", w.podRange, opening, egressChain),
		fmt.Sprintf("-A FORWARD --source %s %s %s", w.podRange, opening, egressChain),
		fmt.Sprintf("-A FORWARD --destination %s %s %s", w.podRange, opening, ingressChain),
	)
	for _, pod := range w.pods {
		lines = append(lines, w.egress(pod)...)
		lines = append(lines, w.ingress(pod)...)
	}
	return strings.Join(append(lines, "COMMIT", ""), "\n")
}

func (w world) egress(pod podAddress) []string {
	var lines []string
	isIsolated := false
	for _, policy := range w.selecting(pod, networkingv1.PolicyTypeEgress) {
		isIsolated = true
		for _, rule := range policy.Spec.Egress {
			for _, peer := range w.peers(policy.Namespace, rule.To) {
				for _, to := range w.destinations(peer, rule.Ports) {
					lines = append(lines, line(egressChain, match("source", single(pod.address)), match("destination", to.interval), to.match(), "RETURN"))
				}
			}
		}
	}
	return closed(lines, isIsolated, egressChain, "source", pod)
}

func (w world) ingress(pod podAddress) []string {
	var lines []string
	isIsolated := false
	for _, policy := range w.selecting(pod, networkingv1.PolicyTypeIngress) {
		isIsolated = true
		for _, rule := range policy.Spec.Ingress {
			services := w.destinations(single(pod.address), rule.Ports)
			for _, peer := range w.peers(policy.Namespace, rule.From) {
				for _, to := range services {
					lines = append(lines, line(ingressChain, match("destination", to.interval), match("source", peer), to.match(), "RETURN"))
				}
			}
		}
	}
	return closed(lines, isIsolated, ingressChain, "destination", pod)
}

// closed ends the rules of a pod that a policy selects: it may reach itself, and everything else is dropped and counted.
func closed(lines []string, isIsolated bool, chain string, side string, pod podAddress) []string {
	if !isIsolated {
		return nil
	}
	own := single(pod.address)
	comment := fmt.Sprintf("--match comment --comment %s/%s", pod.Namespace, pod.Name)
	return append(lines,
		line(chain, match("source", own), match("destination", own), "", "RETURN"),
		line(chain, match(side, own), comment, "", "DROP"),
	)
}

func line(chain string, first string, second string, third string, target string) string {
	return strings.Join(strings.Fields(fmt.Sprintf("-A %s %s %s %s --jump %s", chain, first, second, third, target)), " ")
}

func (w world) selecting(pod podAddress, direction networkingv1.PolicyType) []*networkingv1.NetworkPolicy {
	var found []*networkingv1.NetworkPolicy
	for _, policy := range w.policies {
		isOf := policy.Namespace == pod.Namespace && slices.Contains(policy.Spec.PolicyTypes, direction)
		if isOf && matches(&policy.Spec.PodSelector, pod.Labels) {
			found = append(found, policy)
		}
	}
	return found
}

// peers as addresses; none named means all there are.
func (w world) peers(namespace string, peers []networkingv1.NetworkPolicyPeer) []interval {
	if len(peers) == 0 {
		return []interval{everywhere}
	}
	var found []interval
	for _, peer := range peers {
		if peer.IPBlock != nil {
			found = append(found, block(peer.IPBlock)...)
			continue
		}
		for _, pod := range w.pods {
			isThere := pod.Namespace == namespace
			if peer.NamespaceSelector != nil {
				isThere = matches(peer.NamespaceSelector, w.namespaces[pod.Namespace])
			}
			if isThere && (peer.PodSelector == nil || matches(peer.PodSelector, pod.Labels)) {
				found = append(found, single(pod.address))
			}
		}
	}
	return found
}

// matches is false for a selector that cannot be read: it selects nothing, so an allowing rule allows nothing.
func matches(selector *metav1.LabelSelector, set labels.Set) bool {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(set)
}

func block(ipBlock *networkingv1.IPBlock) []interval {
	whole, isWhole := prefix(ipBlock.CIDR)
	if !isWhole {
		return nil
	}
	left := []interval{whole}
	for _, text := range ipBlock.Except {
		if hole, isHole := prefix(text); isHole {
			left = without(left, hole)
		}
	}
	return left
}

func prefix(text string) (interval, bool) {
	parsed, err := netip.ParsePrefix(text)
	if err != nil || !parsed.Addr().Is4() {
		return interval{}, false
	}
	first := parsed.Masked().Addr()
	bytes := first.As4()
	last := binary.BigEndian.Uint32(bytes[:]) | uint32(1<<(32-parsed.Bits())-1)
	binary.BigEndian.PutUint32(bytes[:], last)
	return interval{first, netip.AddrFrom4(bytes)}, true
}

func without(intervals []interval, hole interval) []interval {
	var left []interval
	for _, one := range intervals {
		if hole.last.Less(one.first) || one.last.Less(hole.first) {
			left = append(left, one)
			continue
		}
		if one.first.Less(hole.first) {
			left = append(left, interval{one.first, hole.first.Prev()})
		}
		if hole.last.Less(one.last) {
			left = append(left, interval{hole.last.Next(), one.last})
		}
	}
	return left
}

func single(address netip.Addr) interval { return interval{address, address} }

func match(side string, addresses interval) string {
	switch {
	case addresses == everywhere:
		return ""
	case addresses.first == addresses.last:
		return fmt.Sprintf("--%s %s", side, addresses.first)
	default:
		short := map[string]string{"source": "src", "destination": "dst"}[side]
		return fmt.Sprintf("--match iprange --%s-range %s-%s", short, addresses.first, addresses.last)
	}
}

type destination struct {
	interval
	service
}

// destinations are the ports of a rule at these addresses; a port that is a name is another number at each pod that has it.
func (w world) destinations(to interval, ports []networkingv1.NetworkPolicyPort) []destination {
	if len(ports) == 0 {
		return []destination{{to, service{}}}
	}
	var found []destination
	for _, port := range ports {
		protocol := corev1.ProtocolTCP
		if port.Protocol != nil {
			protocol = *port.Protocol
		}
		name := strings.ToLower(string(protocol))
		switch {
		case port.Port == nil:
			found = append(found, destination{to, service{name, 0, 65535}})
		case port.Port.Type == intstr.String:
			found = append(found, w.named(to, protocol, port.Port.StrVal)...)
		case port.EndPort != nil:
			found = append(found, destination{to, service{name, port.Port.IntVal, *port.EndPort}})
		default:
			found = append(found, destination{to, service{name, port.Port.IntVal, port.Port.IntVal}})
		}
	}
	return found
}

func (w world) named(to interval, protocol corev1.Protocol, name string) []destination {
	var found []destination
	for _, pod := range w.pods {
		if pod.address.Less(to.first) || to.last.Less(pod.address) {
			continue
		}
		for _, container := range pod.Spec.Containers {
			for _, port := range container.Ports {
				if port.Name == name && cmp.Or(port.Protocol, corev1.ProtocolTCP) == protocol {
					at := service{strings.ToLower(string(protocol)), port.ContainerPort, port.ContainerPort}
					found = append(found, destination{single(pod.address), at})
				}
			}
		}
	}
	return found
}

func (s service) match() string {
	if s.protocol == "" {
		return ""
	}
	return fmt.Sprintf("--protocol %s --match %s --dport %d:%d", s.protocol, s.protocol, s.first, s.last)
}
