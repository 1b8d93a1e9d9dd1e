// Cluster DNS: Services from the API, the public zones from BIND, and nothing else, for there is no other Internet.
import { join } from 'node:path';
import { kubeconfigOf } from '../certificates.ts';
import { zones, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

/** For `exec` and for pods with the node's DNS policy. */
export function nodeResolvConf(layout: Layout): string {
  return join(layout.runDir, 'resolv.conf');
}

/** Answers 200 once the Services of the API are known. */
export function readyUrl(layout: Layout): string {
  return `http://${layout.addresses.clusterDns}:8181/ready`;
}

export function coredns(layout: Layout): Component {
  const config = join(layout.runDir, 'Corefile');
  return {
    name: 'coredns',
    argv: [layout.kubernetes, 'coredns', '-conf', config],
    files: {
      [config]: corefile(layout),
      [nodeResolvConf(layout)]: `nameserver ${layout.addresses.clusterDns}\n`,
    },
  };
}

/** Everything is bound to one address: the two name servers have port 53 of the others. */
function corefile(layout: Layout): string {
  const { clusterDns, primary, secondary } = layout.addresses;
  return `cluster.local in-addr.arpa ip6.arpa {
  bind ${clusterDns}
  ready ${clusterDns}:8181
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfigOf(layout, 'coredns')}
    pods insecure
    ttl 5
  }
}
# No cache: a test that asks here sees what the authoritative servers say at this moment.
${zones.join(' ')} {
  bind ${clusterDns}
  errors
  forward . ${primary} ${secondary}
}
# LoadBalancer Services that get a host name: the name says which address it has.
lb.test {
  bind ${clusterDns}
  template IN A {
    match ^lb-(?P<a>[0-9]+)-(?P<b>[0-9]+)-(?P<c>[0-9]+)-(?P<d>[0-9]+)[.]lb[.]test[.]$
    answer "{{ .Name }} 5 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
  }
  template ANY ANY {
    rcode NOERROR
  }
}
. {
  bind ${clusterDns}
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;
}
