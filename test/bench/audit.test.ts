// What the API server's audit log tells: times to the microsecond, the write that made a release ready, who asked how often.

import { describe, expect, test } from 'vitest';
import { countRequests, isOfHelm, lastStatusWrite, parseAudit, preciseTime, type AuditEvent } from '../../bench/audit.ts';

/** A line as kube-apiserver 1.35 writes it, shortened to what is read, with other values in some places. */
function line(more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'c207248f',
    stage: 'ResponseComplete',
    requestURI: '/apis/apps/v1/namespaces/bench-1/deployments/web/status',
    verb: 'update',
    user: { username: 'system:serviceaccount:kube-system:deployment-controller' },
    userAgent: 'kube-controller-manager/v0.0.0',
    objectRef: { resource: 'deployments', namespace: 'bench-1', name: 'web', apiGroup: 'apps', apiVersion: 'v1', subresource: 'status' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: '2026-11-21T11:49:27.515106Z',
    stageTimestamp: '2026-11-21T11:49:27.517799Z',
    ...more,
  })}\n`;
}

const received = Date.parse('2026-11-21T11:49:27.515Z');

let ids = 0;

function event(more: Partial<AuditEvent> = {}): AuditEvent {
  ids += 1;
  const [parsed] = parseAudit(line({ auditID: String(ids) }));
  if (parsed === undefined) throw new Error('no event');
  return { ...parsed, ...more };
}

describe('a line of the audit log', () => {
  test('keeps the microseconds, which Date has not', () => {
    expect(preciseTime('2026-11-21T11:49:27.515106Z')).toBeCloseTo(received + 0.106, 2);
    expect(preciseTime('2026-11-21T11:49:27Z')).toBe(received - 515);
  });

  test('tells who did what to which object, and when it was asked and answered', () => {
    const [parsed] = parseAudit(line());
    expect(parsed).toMatchObject({ verb: 'update', resource: 'deployments', subresource: 'status', namespace: 'bench-1', name: 'web', code: 200 });
    expect((parsed?.answeredAt ?? 0) - (parsed?.receivedAt ?? 0)).toBeCloseTo(2.693, 2);
  });

  test('a request about no object, such as the version, has no resource', () => {
    expect(parseAudit(line({ verb: 'get', requestURI: '/version', objectRef: undefined }))[0]).toMatchObject({ resource: undefined, namespace: undefined });
  });

  test('a watch that is logged when it begins and when it ends is one request', () => {
    const begun = line({ verb: 'watch', stage: 'ResponseStarted' });
    expect(parseAudit(begun + line({ verb: 'watch' }))).toHaveLength(1);
  });

  test('a line that is still being written is left out', () => {
    expect(parseAudit(line() + line({ auditID: 'next' }).slice(0, 80))).toHaveLength(1);
    expect(parseAudit('')).toEqual([]);
  });
});

describe('the write that made the last object ready', () => {
  const wanted = { namespace: 'bench-1', before: received + 1_000 };

  test('is the last one to a status in this namespace before the release counted as ready', () => {
    const last = event({ receivedAt: received + 900, resource: 'services' });
    const later = event({ receivedAt: received + 1_100 });
    expect(lastStatusWrite([event(), last, event({ receivedAt: received + 10 }), later], wanted)).toBe(last);
  });

  test.each([
    ['in another namespace', { namespace: 'bench-2' }],
    ['of a kind that readiness is not judged by', { resource: 'poddisruptionbudgets' }],
    ['that was refused because of a conflict', { code: 409 }],
    ['that only read', { verb: 'get' }],
    ['to the object itself', { subresource: undefined }],
  ])('is not one %s', (_, more: Partial<AuditEvent>) => {
    const right = event();
    expect(lastStatusWrite([right, event({ receivedAt: received + 5, ...more })], wanted)).toBe(right);
  });

  test('is unknown when there was none', () => {
    expect(lastStatusWrite([], wanted)).toBeUndefined();
  });
});

describe('requests', () => {
  const read = (resource: string, more: Partial<AuditEvent> = {}): AuditEvent => event({ verb: 'get', resource, subresource: undefined, ...more });

  test('watches and renewals of the lease are counted apart, because time alone makes more of them', () => {
    const events = [read('jobs'), read('jobs', { verb: 'watch' }), read('leases', { verb: 'update' }), read('leases', { verb: 'update' })];
    expect(countRequests(events)).toMatchObject({ requests: 1, watches: 1, leaseRenewals: 2 });
  });

  test('to take the lease is a request like others', () => {
    expect(countRequests([read('leases'), read('leases', { verb: 'create' })])).toMatchObject({ requests: 2, leaseRenewals: 0 });
  });

  test('are told by kind, the most frequent first', () => {
    const events = [read('pods', { subresource: 'log' }), read('jobs'), read('jobs'), read('jobs', { resource: undefined })];
    expect(countRequests(events).byKind).toEqual([['get jobs', 2], ['get pods/log', 1], ['get other', 1]]);
  });

  test('of Helm are known by its name', () => {
    expect(isOfHelm(read('pods', { userAgent: 'Helm/4.2.3' }))).toBe(true);
    expect(isOfHelm(read('pods', { userAgent: 'changeover/0.1.0' }))).toBe(false);
  });
});
