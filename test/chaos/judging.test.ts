// The referees of the chaos tests themselves: what they let pass, and what they do not.

import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../bench/audit.ts';
import { effectsOf, judge, strays, type Ends } from './support/effects.ts';
import { differences, normal, objectsOf, volumesIn, type Get } from './support/leftovers.ts';
import { describeTimes, percentile } from './support/percentile.ts';
import { Tally } from './support/tally.ts';
import { describeWrite, firstWrite } from './support/writes.ts';
import { parseOwners, parseUpdates, repeatedUpdates } from './support/zone-updates.ts';

const ends: Ends = { environment: 'chaos-1', before: 'chaos-1-aaaaa', after: 'chaos-1-bbbbb' };

function request(verb: string, resource: string, place: { readonly namespace?: string; readonly name: string; readonly code?: number; readonly subresource?: string }): AuditEvent {
  const { namespace, name, code = verb === 'create' ? 201 : 200, subresource } = place;
  return { id: '', verb, user: 'chaos:chaos-1:1', userAgent: 'Helm/4.2.3', namespace, resource, subresource, name, code, receivedAt: Date.parse('2026-11-21T17:00:00Z'), answeredAt: 0 };
}

function made(release: string, ...jobs: readonly string[]): readonly AuditEvent[] {
  return [
    request('create', 'namespaces', { namespace: release, name: release }),
    request('create', 'deployments', { namespace: release, name: 'web' }),
    request('create', 'clusterroles', { name: release }),
    ...jobs.map((name) => request('create', 'jobs', { namespace: release, name })),
  ];
}

function removed(release: string): readonly AuditEvent[] {
  return [request('delete', 'deployments', { namespace: release, name: 'web' }), request('delete', 'namespaces', { namespace: release, name: release })];
}

const undisturbed = [...made('chaos-1-bbbbb', 'base-01ce3377-1'), ...removed('chaos-1-aaaaa')];
const clean = effectsOf(undisturbed, ends);

describe('what several runs did together', () => {
  test('is what one run does, when each object was made once and the old ones were deleted', () => {
    const other: Ends = { environment: 'chaos-1', before: 'chaos-1-bbbbb', after: 'chaos-1-ccccc' };
    const events = [...made('chaos-1-ccccc', 'base-99999999-1'), ...removed('chaos-1-bbbbb')];
    expect(judge(events, other, clean)).toEqual({ problems: [], repeatedDeletes: 0, thrownAway: 0 });
  });

  test('is not, when a load was begun a second time', () => {
    const { problems } = judge([...undisturbed, request('create', 'jobs', { namespace: 'chaos-1-bbbbb', name: 'base-01ce3377-2' })], ends, clean);
    expect(problems).toEqual(['made for chaos-1-bbbbb, and not in a run without kills: create jobs base-RUN-2']);
  });

  test('is not, when an object was made twice in one life of the release', () => {
    const again = request('create', 'deployments', { namespace: 'chaos-1-bbbbb', name: 'web' });
    expect(judge([...undisturbed, again], ends, clean).problems).toEqual(['chaos-1-bbbbb: create deployments web twice in one life']);
  });

  test('may be made anew after the release was thrown away: each life counts for itself', () => {
    const half = [request('create', 'namespaces', { namespace: 'chaos-1-bbbbb', name: 'chaos-1-bbbbb' }), request('create', 'deployments', { namespace: 'chaos-1-bbbbb', name: 'web' })];
    expect(judge([...half, ...removed('chaos-1-bbbbb'), ...undisturbed], ends, clean)).toEqual({ problems: [], repeatedDeletes: 0, thrownAway: 1 });
  });

  test('is not, when something of the new release is missing, or the old one was not deleted whole', () => {
    const events = undisturbed.filter(({ verb, resource }) => resource !== 'clusterroles' && !(verb === 'delete' && resource === 'namespaces'));
    expect(judge(events, ends, clean).problems).toEqual(['not made for chaos-1-bbbbb: create clusterroles RELEASE', 'not deleted of chaos-1-aaaaa: delete namespaces RELEASE']);
  });

  test('counts what was refused, or was only a question, as nothing', () => {
    const harmless = [
      request('create', 'deployments', { namespace: 'chaos-1-bbbbb', name: 'web', code: 409 }),
      request('create', 'selfsubjectaccessreviews', { name: '' }),
      request('create', 'pods', { namespace: 'chaos-1-bbbbb', name: 'web', subresource: 'portforward' }),
    ];
    expect(judge([...undisturbed, ...harmless], ends, clean).problems).toEqual([]);
  });

  test('may have been a deletion whose asker died before the answer: nobody can tell whether it was done', () => {
    const events = undisturbed.filter(({ verb, resource }) => !(verb === 'delete' && resource === 'deployments'));
    const late = request('delete', 'deployments', { namespace: 'chaos-1-aaaaa', name: 'web', code: 504 });
    expect(judge([...events, late], ends, clean).problems).toEqual([]);
    expect(judge(events, ends, clean).problems).toEqual(['not deleted of chaos-1-aaaaa: delete deployments web']);
  });

  test('is nothing on what is not this environment’s; to be refused there changes nothing', () => {
    const foreign = [request('patch', 'namespaces', { name: 'chaos-11-aaaaa' }), request('update', 'configmaps', { namespace: 'kube-system', name: 'web' })];
    const harmless = [request('patch', 'namespaces', { name: 'chaos-2-aaaaa', code: 403 }), request('list', 'pods', { namespace: 'kube-system', name: '' }), request('update', 'leases', { namespace: 'changeover-chaos-1', name: 'changeover-chaos-1' })];
    expect(strays([...undisturbed, ...harmless], 'chaos-1')).toEqual([]);
    expect(strays([...undisturbed, ...foreign], 'chaos-1')).toEqual([
      'wrote on what is not its own: 2026-11-21T17:00:00.000Z patch namespaces /chaos-11-aaaaa (Helm/4.2.3)',
      'wrote on what is not its own: 2026-11-21T17:00:00.000Z update configmaps kube-system/web (Helm/4.2.3)',
    ]);
  });

  test('tells of deletions that were granted twice, which change nothing', () => {
    expect(judge([...undisturbed, ...removed('chaos-1-aaaaa')], ends, clean)).toMatchObject({ problems: [], repeatedDeletes: 2 });
  });
});

describe('writes', () => {
  test('are granted requests that change something', () => {
    const read = request('list', 'pods', { name: '' });
    const refusal = request('update', 'leases', { name: 'changeover-chaos-1', code: 409 });
    const write = request('update', 'leases', { name: 'changeover-chaos-1', namespace: 'changeover-chaos-1' });
    expect(firstWrite([read, refusal, request('create', 'selfsubjectaccessreviews', { name: '' }), write])).toBe(write);
    expect(describeWrite(write)).toBe('2026-11-21T17:00:00.000Z update leases changeover-chaos-1/changeover-chaos-1 (Helm/4.2.3)');
  });
});

describe('what is left over', () => {
  const metadata = { name: 'chaos-1-aaaaa', labels: { 'changeover.dev/environment': 'chaos-1' }, annotations: { 'changeover.dev/run': '20261121-104512-aaaaa' } };
  const lists: Readonly<Record<string, object>> = {
    '/api/v1/namespaces': { items: [{ metadata }, { metadata: { name: 'chaos-11-aaaaa' } }, { metadata: { name: 'default' } }] },
    '/api/v1/pods': { items: [{ metadata: { name: 'web-5d9c7b6f4-x2k9z', namespace: 'chaos-1-aaaaa', labels: { 'pod-template-hash': '5d9c7b6f4' } } }] },
  };
  const look = () => objectsOf('chaos-1', { get: async (path) => lists[path], listings: Object.keys(lists).map((path) => ({ path, isClusterWide: true })) });

  test('is looked for by name and by namespace, and another environment of a similar name is not meant', async () => {
    expect(await look()).toEqual(['/api/v1/namespaces RELEASE changeover.dev/environment=ENVIRONMENT', '/api/v1/pods RELEASE/web-HASH-POD pod-template-hash=HASH']);
  });

  test('is also what is in no namespace, and speaks of one of this environment: a volume by its claim', async () => {
    const volume = (namespace: string) => ({ metadata: { name: `pvc-48a86ab9-d695-449a-9cbc-1e1fd999d6a4` }, spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace, name: 'web' } } });
    const binding = { metadata: { name: 'readers' }, subjects: [{ kind: 'User', name: 'chaos-1-aaaaa' }, { kind: 'ServiceAccount', name: 'web', namespace: 'chaos-2-aaaaa' }] };
    const everything: Readonly<Record<string, object>> = { '/api/v1/persistentvolumes': { items: [volume('chaos-1-aaaaa'), volume('chaos-11-aaaaa')] }, '/apis/rbac/v1/clusterrolebindings': { items: [binding] } };
    const asked: string[] = [];
    const get: Get = async (path, much = 'metadata') => {
      asked.push(`${path} ${much}`);
      return everything[path];
    };
    const listings = Object.keys(everything).map((path) => ({ path, isClusterWide: path.endsWith('volumes') }));
    const found = await objectsOf('chaos-1', { get, listings });
    expect(found).toEqual(['/api/v1/persistentvolumes pvc-UID ']);
    expect(asked).toEqual(['/api/v1/persistentvolumes whole', '/apis/rbac/v1/clusterrolebindings metadata']);
    expect(volumesIn([...found, '/api/v1/persistentvolumeclaims RELEASE/web '])).toEqual({ bound: found, claims: 1 });
  });

  test('is each object more than in a clean cluster, and each one fewer', () => {
    expect(differences(['a', 'b', 'b'], ['b', 'c'])).toEqual(['left over: c', 'missing: a', 'missing: b']);
    expect(differences(['a'], ['a', 'a'])).toEqual(['left over: a']);
  });

  test('are not the records of earlier runs, which stay by design', () => {
    const record = '/api/v1/configmaps changeover-ENVIRONMENT/changeover-ENVIRONMENT-RUN changeover.dev/outcome=succeeded';
    expect(differences([record], [record, record])).toEqual([]);
  });

  test('what is different each time has a name of its own', () => {
    expect(normal('changeover-chaos-1-20261121-104512-2hpwr of chaos-1-2hpwr', 'chaos-1')).toBe('changeover-ENVIRONMENT-RUN of RELEASE');
    expect(normal('base-01ce3377-1 in chaos-1-2hpwr', 'chaos-1')).toBe('base-RUN-1 in RELEASE');
    expect(normal('pvc-5ee0a1b2-4e9b-497b-aeb7-7448eedbcb12', 'chaos-1')).toBe('pvc-UID');
  });
});

describe('the log of updates', () => {
  const line = (time: string, address: string): string =>
    `2026-11-21T${time} update: client @0x7fa9 100.65.0.1#51911/key changeover: updating zone 'example.test/IN': adding an RR at 'chaos-1-www.example.test' A ${address}`;

  test('tells who was given which address, and when', () => {
    const other = "2026-11-21T17:36:10.690 update: client @0x7fa9 100.65.0.1#42371/key changeover: updating zone 'second.test/IN': deleting rrset at 'chaos-1-search.second.test' A";
    expect(parseUpdates([other, line('17:36:10.690', '100.65.128.12')])).toEqual([{ at: Date.parse('2026-11-21T17:36:10.690Z'), name: 'chaos-1-www.example.test.', address: '100.65.128.12' }]);
  });

  test('shows a change that was made again; there and back again is none', () => {
    const twice = parseUpdates([line('17:00:00.000', '100.65.128.1'), line('17:00:01.000', '100.65.128.1')]);
    expect(repeatedUpdates(twice)).toEqual(['chaos-1-www.example.test. was given 100.65.128.1 twice in a row']);
    const back = parseUpdates([line('17:00:00.000', '100.65.128.1'), line('17:00:01.000', '100.65.128.2'), line('17:00:02.000', '100.65.128.1')]);
    expect(repeatedUpdates(back)).toEqual([]);
  });

  test('tells what the owner record beside a name was made to say', () => {
    const text = 'changeover environment=chaos-1 release=chaos-1-t0pxf epoch=3 change=2';
    const owner = `2026-11-21T17:36:10.690 update: client @0x7fa9 100.65.0.1#42371/key changeover: updating zone 'example.test/IN': adding an RR at '_changeover.chaos-1-www.example.test' TXT "${text}"`;
    expect(parseOwners([line('17:36:10.690', '100.65.128.12'), owner])).toEqual([{ at: Date.parse('2026-11-21T17:36:10.690Z'), name: 'chaos-1-www.example.test.', release: 'chaos-1-t0pxf', text }]);
  });
});

describe('numbers', () => {
  test('are told by nearest rank, and nothing measured is not zero', () => {
    const values = Array.from({ length: 20 }, (_, index) => (20 - index) * 100);
    expect([0.5, 0.95, 1].map((share) => percentile(values, share))).toEqual([1_000, 1_900, 2_000]);
    expect(describeTimes(values)).toBe('p50 1.00 s, p95 1.90 s, longest 2.00 s (n = 20)');
    expect(percentile([], 0.5)).toBeNaN();
    expect(describeTimes([])).toBe('nothing measured');
  });

  test('are kept by name, in the order in which they first came', () => {
    const tally = new Tally('kills');
    tally.count('kills');
    tally.count('kills', 2);
    tally.time('takeover', 5_000);
    expect(tally.lines()).toEqual(['       3  kills', '          takeover: p50 5.00 s, p95 5.00 s, longest 5.00 s (n = 1)', '       0  violations']);
  });
});
