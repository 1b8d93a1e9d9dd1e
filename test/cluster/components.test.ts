// The command line of every component, whole, as it runs.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { apiserver } from '../../cluster/components/apiserver.ts';
import { containerd } from '../../cluster/components/containerd.ts';
import { controllerManager, loadBalancer, networkPolicy, scheduler } from '../../cluster/components/controllers.ts';
import { coredns } from '../../cluster/components/coredns.ts';
import { etcd } from '../../cluster/components/etcd.ts';
import { kubelet, parseTaint } from '../../cluster/components/kubelet.ts';
import { primary, secondary } from '../../cluster/components/named.ts';
import { proxy } from '../../cluster/components/proxy.ts';
import { firstNode } from '../../cluster/layout.ts';
import { joined, layout } from './support.ts';

const run = '/state/0a1b2c3d/run';

test('etcd', () => {
  expect(etcd(layout).argv.join(' ')).toBe(
    '/builds/abc/kubernetes etcd --data-dir=/state/0a1b2c3d/run/etcd --unsafe-no-fsync' +
      ' --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379' +
      ' --listen-peer-urls=http://127.0.0.1:2380 --quota-backend-bytes=2147483648',
  );
});

test('kube-apiserver', () => {
  expect(apiserver(layout).argv).toEqual([
    '/builds/abc/kubernetes',
    'kube-apiserver',
    '--advertise-address=100.67.0.2',
    '--secure-port=6443',
    '--etcd-servers=http://127.0.0.1:2379',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${run}/certificates/ca.crt`,
    `--tls-cert-file=${run}/certificates/apiserver.crt`,
    `--tls-private-key-file=${run}/certificates/apiserver.key`,
    `--kubelet-client-certificate=${run}/certificates/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${run}/certificates/apiserver-kubelet-client.key`,
    `--kubelet-certificate-authority=${run}/certificates/ca.crt`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${run}/certificates/service-accounts.crt`,
    `--service-account-signing-key-file=${run}/certificates/service-accounts.key`,
    `--audit-policy-file=${run}/audit-policy.yaml`,
    `--audit-log-path=${run}/logs/audit.log`,
    '--audit-log-maxsize=10240',
  ]);
});

test('the audit policy keeps the metadata of every request', () => {
  expect(parse(Object.values(apiserver(layout).files)[0] ?? '')).toEqual({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  });
});

test('kube-controller-manager, kube-scheduler, the giver of addresses and the keeper of NetworkPolicies', () => {
  expect(controllerManager(layout).argv.slice(1)).toEqual([
    'kube-controller-manager',
    `--kubeconfig=${run}/controller-manager.kubeconfig`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${run}/certificates/service-accounts.key`,
    `--root-ca-file=${run}/certificates/ca.crt`,
    `--cluster-signing-cert-file=${run}/certificates/ca.crt`,
    `--cluster-signing-key-file=${run}/certificates/ca.key`,
    '--enable-hostpath-provisioner=true',
  ]);
  expect(scheduler(layout).argv.slice(1)).toEqual([
    'kube-scheduler',
    `--kubeconfig=${run}/scheduler.kubeconfig`,
    '--leader-elect=false',
  ]);
  expect(loadBalancer(layout, '3s').argv.slice(1)).toEqual([
    'loadbalancer',
    `-kubeconfig=${run}/loadbalancer.kubeconfig`,
    '-range4=100.67.128.0/17',
    '-range6=fd64:3:1::/64',
    '-delay=3s',
  ]);
  expect(networkPolicy(layout).argv.slice(1)).toEqual([
    'networkpolicy',
    `-kubeconfig=${run}/networkpolicy.kubeconfig`,
    '-pods=10.244.0.0/16',
  ]);
});

test('kubelet, in a tree of control groups of its own', () => {
  const { argv, files } = kubelet(layout, firstNode(layout));
  expect(argv.slice(1)).toEqual([
    'kubelet',
    `--config=${run}/kubelet.yaml`,
    `--kubeconfig=${run}/kubelet.kubeconfig`,
    '--hostname-override=node-1',
    '--node-ip=100.67.0.2',
  ]);
  expect(parse(files[`${run}/kubelet.yaml`] ?? '')).toMatchObject({
    clusterDNS: ['100.67.0.10'],
    maxPods: 250,
    cgroupRoot: '/changeover-0a1b2c3d',
    failCgroupV1: false,
  });
});

test('the kubelet of a joined node has ports, logs, control groups and an identity of its own', () => {
  const { name, argv, files } = kubelet(layout, joined);
  expect(name).toBe('kubelet@blue');
  expect(argv.slice(1)).toEqual([
    'kubelet',
    `--config=${run}/nodes/blue/kubelet.yaml`,
    `--kubeconfig=${run}/kubelet@blue.kubeconfig`,
    '--hostname-override=blue',
    '--node-ip=100.67.0.103',
    '--node-labels=pool=new,zone=b',
  ]);
  expect(parse(files[`${run}/nodes/blue/kubelet.yaml`] ?? '')).toMatchObject({
    port: 10253,
    healthzPort: 0,
    registerWithTaints: [{ key: 'pool', value: 'new', effect: 'NoSchedule' }],
    cgroupRoot: '/changeover-0a1b2c3d/nodes/blue',
    podLogsDir: `${run}/logs/pods@blue`,
    tlsCertFile: `${run}/certificates/kubelet@blue.crt`,
  });
});

test('the kubelet evicts pods where its node has a disk of its own, and never because the disk of the machine is full', () => {
  const [small, other] = [{ ...joined, disk: '128m' }, joined].map((node) => parse(kubelet(layout, node).files[`${run}/nodes/blue/kubelet.yaml`] ?? '') as unknown);
  expect(small).toMatchObject({ evictionHard: { 'nodefs.available': '40%', 'imagefs.available': '0%' } });
  expect(other).toMatchObject({ evictionHard: { 'nodefs.available': '0%', 'imagefs.available': '0%' } });
});

test('the value of a taint stays a text, whatever YAML would make of it', () => {
  const { files } = kubelet(layout, { ...joined, taints: ['pool=y:NoSchedule'] });
  const read = parse(files[`${run}/nodes/blue/kubelet.yaml`] ?? '', { version: '1.1' }) as unknown;
  expect(read).toMatchObject({ registerWithTaints: [{ value: 'y' }] });
});

test.each([
  ['pool=old:NoSchedule', { key: 'pool', value: 'old', effect: 'NoSchedule' }],
  ['example.org/gone:NoExecute', { key: 'example.org/gone', value: '', effect: 'NoExecute' }],
])('%s is a taint', (text, taint) => {
  expect(parseTaint(text)).toEqual(taint);
});

test.each(['pool', 'pool=old', 'pool=old:Never', ':NoSchedule', ''])('"%s" is no taint', (text) => {
  expect(() => parseTaint(text)).toThrow('is not a taint such as');
});

test('kube-proxy leaves the limits of the kernel alone', () => {
  const { argv, files } = proxy(layout);
  expect(argv.slice(1)).toEqual(['kube-proxy', `--config=${run}/kube-proxy.yaml`]);
  expect(parse(files[`${run}/kube-proxy.yaml`] ?? '')).toMatchObject({
    mode: 'iptables',
    conntrack: { maxPerCore: 0, min: 0 },
  });
});

test('containerd keeps its content outside of what `up` wipes', () => {
  const { argv, files } = containerd(firstNode(layout), 'native');
  expect(argv).toEqual(['containerd', '--config', `${run}/containerd.toml`]);
  const lines = (files[`${run}/containerd.toml`] ?? '').split('\n');
  expect(lines).toContain('root = "/state/0a1b2c3d/containerd"');
  expect(lines).toContain('snapshotter = "native"');
  expect(lines).toContain('sandbox_image = "changeover.test/pause:1"');
});

test('pods of a joined node have addresses of their own part, in the one subnet that is not masqueraded', () => {
  const ranges = [firstNode(layout), joined].map((node) => {
    const { files } = containerd(node, 'native');
    const network = JSON.parse(files[`${node.dir}/cni/10-pods.conflist`] ?? '') as { plugins: { ipMasq: boolean; ipam: { ranges: unknown } }[] };
    return [network.plugins[0]?.ipMasq, network.plugins[0]?.ipam.ranges];
  });
  expect(ranges).toEqual([
    [true, [[{ subnet: '10.244.0.0/16', rangeStart: '10.244.0.2', rangeEnd: '10.244.127.254' }]]],
    [false, [[{ subnet: '10.244.0.0/16', rangeStart: '10.244.131.2', rangeEnd: '10.244.131.254' }]]],
  ]);
  expect(containerd(joined, 'native').files[`${run}/nodes/blue/containerd.toml`]).toContain(`root = "${run}/nodes/blue/containerd"`);
});

test('cluster DNS asks both name servers for the public zones and keeps no answer', () => {
  const { argv, files } = coredns(layout);
  expect(argv.slice(1)).toEqual(['coredns', '-conf', `${run}/Corefile`]);
  expect(files[`${run}/Corefile`]).toContain(`example.test second.test {
  bind 100.67.0.10
  errors
  forward . 100.67.0.53 100.67.0.54
}`);
  expect(files[`${run}/resolv.conf`]).toBe('nameserver 100.67.0.10\n');
});

test('BIND takes updates by signature only, and tells the secondary at once', () => {
  const { argv, files } = primary(layout);
  expect(argv).toEqual([`${run}/named`, '-f', '-c', `${run}/named-primary/named.conf`]);
  const configuration = files[`${run}/named-primary/named.conf`] ?? '';
  expect(configuration).toContain(`zone "second.test" {
  type primary;
  file "${run}/named-primary/second.test";
  allow-update { key "changeover"; };
  allow-transfer { key "changeover"; 100.67.0.54; };
  also-notify { 100.67.0.54; };
};`);
  expect(configuration).toContain('notify-delay 0;');
  expect(files[`${run}/named-primary/example.test`]).toContain('@ NS ns1\n@ NS ns2\nns1 A 100.67.0.53\nns2 A 100.67.0.54\n');
});

test('the secondary takes no updates', () => {
  const configuration = Object.values(secondary(layout).files).join('\n');
  expect(configuration).toContain('primaries { 100.67.0.53; };');
  expect(configuration).not.toContain('allow-update');
  expect(configuration).not.toContain('tsig');
});
