// What is found out about pods, nodes, Services and warnings, from statuses that a real cluster wrote.

import { describe, expect, test } from 'vitest';
import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import { troubledPods } from '../../src/diagnose/pods.ts';
import { nodesAgainst } from '../../src/diagnose/room.ts';
import { describeServices, leadsHere } from '../../src/diagnose/services.ts';
import { recentWarnings } from '../../src/diagnose/warnings.ts';
import type { Node, Pod } from '../../src/readiness/pod-shapes.ts';
import type { Event } from '../../src/readiness/shapes.ts';
import { around, changed, having, nodes, pick, scene, type Scene, type SceneName } from '../readiness/scenes.ts';

function troubled(objects: Scene, known: { readonly nodes: readonly Node[] | undefined } = { nodes: nodes() }) {
  const everywhere = objects.filter(({ kind }) => kind === 'Pod') as readonly Pod[];
  return troubledPods({ ...around(objects), ...known, everywhere });
}

function finding(name: SceneName, pod: string) {
  const found = troubled(scene(name)).find(({ finding: { name: full } }) => full === pod || full.startsWith(`${pod}-`));
  if (found === undefined) throw new Error(`nothing was found about ${pod}`);
  return found;
}

describe('pods that do not run', () => {
  test('are none where everything is up; pods that have ended well are no trouble', () => {
    expect(troubled(scene('ready'))).toEqual([]);
  });

  test.each<{ readonly in: SceneName; readonly pod: string; readonly state: string; readonly why: RegExp }>([
    { in: 'image', pod: 'portal', state: 'ImagePullBackOff', why: /registry\.invalid\/portal:1 .*no such host/ },
    { in: 'image', pod: 'misspelt', state: 'InvalidImageName', why: /UPPER:bad::1/ },
    { in: 'config', pod: 'portal', state: 'CreateContainerConfigError', why: /configmap "settings" not found/ },
    { in: 'crash', pod: 'portal', state: 'CrashLoopBackOff', why: /container main crashes: 5 restarts, last with exit code 3/ },
    { in: 'services', pod: 'slow', state: 'NotReady', why: /Readiness probe failed: still warming up/ },
    { in: 'jobs', pod: 'failing', state: 'Failed', why: /container main ended with exit code 2/ },
    { in: 'claims', pod: 'user', state: 'Unschedulable', why: /unbound immediate PersistentVolumeClaims/ },
  ])('$in: $pod is $state', ({ in: name, pod, state, why }) => {
    expect(finding(name, pod).finding).toMatchObject({ state, why: expect.stringMatching(why), since: expect.stringMatching(/^2026-11-21T11:2/) });
  });

  test('of Jobs are told too, though their Job may still succeed', () => {
    expect(troubled(scene('jobs')).map(({ finding: { name } }) => name.replace(/-.*/, '')).toSorted()).toEqual(['failing', 'once', 'retrying', 'retrying', 'retrying']);
  });

  test('that have crashed come with the place of their log', () => {
    expect(finding('crash', 'portal').log).toMatchObject({ container: 'main', previous: false });
    expect(finding('jobs', 'failing').log).toMatchObject({ container: 'main', previous: false });
    expect(finding('image', 'portal').log).toBeUndefined();
  });

  test('that run again after a crash have their story in the log of the run before', () => {
    const container = { name: 'main', ready: false, restartCount: 2, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } };
    const objects = having(scene('services'), 'Pod', { name: 'slow', changes: { status: { containerStatuses: [container] } } });
    const slow = troubled(objects).find(({ finding: { name } }) => name.startsWith('slow'));
    expect(slow?.log).toMatchObject({ container: 'main', previous: true });
  });

  test('that are being deleted say what holds them', () => {
    const objects = having(scene('ready'), 'Pod', { name: 'database', changes: { metadata: { deletionTimestamp: '2026-11-21T11:29:00Z', finalizers: ['example.org/backup'] } } });
    expect(troubled(objects).map((pod) => pod.finding)).toEqual([
      { name: 'database-0', state: 'Terminating', why: 'it is being deleted, and held by example.org/backup', since: '2026-11-21T11:29:00Z' },
    ]);
  });
});

describe('a pod without a node', () => {
  const asking = (requests: Readonly<Record<string, string>>): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'portal' }, spec: { containers: [{ name: 'main', resources: { requests } }] } });
  const on = (node: string, requests: Readonly<Record<string, string>>, phase = 'Running'): Pod => ({ ...asking(requests), spec: { ...asking(requests).spec, nodeName: node }, status: { phase } });

  test('is told what it asks, what each node has, and what is free of it', () => {
    expect(finding('big', 'huge').finding).toMatchObject({
      why: expect.stringMatching(/^no node: 0\/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory/),
      nodes: [{ name: 'node-1', against: ['memory: asks 64Gi, 23.4Gi of 23.4Gi are free'] }],
    });
    expect(finding('big', 'many-7c45bf8c65-c6lf2').finding.nodes).toEqual([{ name: 'node-1', against: ['cpu: asks 900m, 200m of 2 are free'] }]);
  });

  test('is told which labels are missing', () => {
    expect(finding('big', 'picky').finding.nodes?.[0]?.against).toEqual(['its labels lack disk=ssd']);
  });

  test('is told of cordoned and tainted nodes', () => {
    const node = changed(nodes()[0], { spec: { unschedulable: true, taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] } }) as Node;
    expect(nodesAgainst(asking({}), [node], [])[0]?.against).toEqual(['its taint dedicated=db:NoSchedule is not tolerated', 'it is cordoned']);
  });

  test('does not lack what pods have that are over, or that run elsewhere', () => {
    const others = [on('node-1', { cpu: '1' }, 'Succeeded'), on('node-1', { cpu: '1' }, 'Failed'), on('node-2', { cpu: '2' })];
    expect(nodesAgainst(asking({ cpu: '2' }), nodes(), others)[0]?.against).toEqual([]);
    expect(nodesAgainst(asking({ cpu: '2' }), nodes(), [...others, on('node-1', { cpu: '100m' })])[0]?.against).toEqual(['cpu: asks 2, 1.9 of 2 are free']);
  });

  test('is told nothing about free room where the other pods are not known', () => {
    expect(nodesAgainst(asking({ memory: '64Gi' }), nodes(), undefined)[0]?.against).toEqual(['memory: asks 64Gi, it has 23.4Gi']);
    expect(nodesAgainst(asking({ cpu: '2' }), nodes(), undefined)[0]?.against).toEqual([]);
  });

  test('has no list of nodes where they are not known', () => {
    expect(troubled(scene('big'), { nodes: undefined }).every((pod) => pod.finding.nodes === undefined)).toBe(true);
  });
});

describe('Services', () => {
  const services = describeServices(scene('ready').filter(({ kind }) => kind === 'Service'));
  const found = (name: string) => services.find((service) => service.name === name);

  test('are listed with their outside addresses, those that have one first', () => {
    expect(services.slice(0, 3).map(({ name }) => name)).toEqual(['dual', 'hostname', 'ingress']);
    expect(found('dual')?.addresses).toHaveLength(2);
    expect(found('hostname')?.addresses).toEqual([expect.stringMatching(/^lb-.*\.lb\.test\.$/)]);
  });

  test('that have none say whether one is to come', () => {
    const [never] = describeServices([pick(scene('services'), 'Service', 'never')]);
    expect(never).toEqual({ name: 'never', type: 'LoadBalancer', addresses: [], state: 'none yet' });
    expect(found('database')).toEqual({ name: 'database', type: 'ClusterIP', addresses: [], state: 'inside only' });
  });

  const answer = (...values: readonly string[]): readonly RecordSet[] => [{ name: 'www.example.org.', type: 'A', ttl: 60, values }];
  const own = found('ingress')?.addresses[0] ?? '';

  test.each<[string, readonly RecordSet[], string]>([
    ['its own address', answer(own), 'yes'],
    ['a foreign one', answer('192.0.2.1'), 'no'],
    ['its own and a foreign one', answer(own, '192.0.2.1'), 'no'],
    ['nothing', [], 'no'],
  ])('are where a name leads that answers %s: %s', (_, records, expected) => {
    expect(leadsHere(records, services)).toBe(expected);
  });

  test('that are not known leave open where a name leads', () => {
    expect(leadsHere(answer(own), undefined)).toBe('unknown');
  });
});

describe('warnings', () => {
  const warnings = (name: SceneName) => recentWarnings(around(scene(name)).events);

  test('come with the latest first, and only warnings', () => {
    const times = warnings('crash').map(({ at }) => at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(warnings('ready').every(({ reason }) => reason !== 'Scheduled' && reason !== 'Pulled')).toBe(true);
  });

  test('tell a story once, and how often it happened', () => {
    const events = around(scene('image')).events;
    const pulls = recentWarnings(events).filter(({ message }) => message.startsWith('Failed to pull image'));
    expect(pulls).toEqual([expect.objectContaining({ object: expect.stringMatching(/^Pod portal-/), count: expect.any(Number) })]);
    expect(pulls[0]?.count).toBeGreaterThan(2);
  });

  test('that differ only in the name of a pod that could not be created are one story', () => {
    const refused = (name: string, at: string): Event => ({
      apiVersion: 'v1', kind: 'Event', metadata: { name }, type: 'Warning', reason: 'FailedCreate', lastTimestamp: at,
      involvedObject: { kind: 'ReplicaSet', name: 'portal-1' }, message: `Error creating: pods "${name}" is forbidden: exceeded quota`,
    });
    expect(recentWarnings([refused('portal-1-aaaaa', '2026-11-21T11:00:00Z'), refused('portal-1-bbbbb', '2026-11-21T11:00:05Z')])).toEqual([
      { at: '2026-11-21T11:00:05Z', count: 2, object: 'ReplicaSet portal-1', reason: 'FailedCreate', message: 'Error creating: pods "portal-1-bbbbb" is forbidden: exceeded quota' },
    ]);
  });

  test('are at most fifteen', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ apiVersion: 'v1', kind: 'Event', metadata: { name: `e${index}` }, type: 'Warning', reason: `Reason${index}` }) as Event);
    expect(recentWarnings(many)).toHaveLength(15);
  });
});
