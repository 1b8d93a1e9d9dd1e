// A whole diagnosis as the operator reads it, in 80 columns.

import { expect, test } from 'vitest';
import type { Diagnosis } from '../../src/diagnose/diagnosis.ts';
import { printDiagnosis } from '../../src/diagnose/print.ts';

const inTrouble: Diagnosis = {
  release: 'prod-2hpwr',
  pods: {
    total: 9,
    troubled: [
      {
        name: 'search-7c45bf8c65-c6lf2',
        state: 'Unschedulable',
        why: 'no node: 0/5 nodes are available: 5 Insufficient memory. preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.',
        since: '2026-11-21T11:26:11Z',
        nodes: [
          { name: 'node-1', against: ['it is cordoned', 'memory: asks 64Gi, 20Gi of 23.4Gi are free'] },
          ...['node-2', 'node-3', 'node-4', 'node-5'].map((name) => ({ name, against: ['memory: asks 64Gi, 8Gi of 16Gi are free'] })),
        ],
      },
      {
        name: 'database-0',
        state: 'CrashLoopBackOff',
        why: 'container database crashes: 5 restarts, last with exit code 1',
        since: '2026-11-21T11:29:22Z',
        logTail: 'starting\nFATAL: data directory "/var/lib/postgresql/data" has wrong ownership and cannot be used by this server\n',
      },
    ],
  },
  notReady: ['StatefulSet database: 0 of 1 replicas are available', 'Deployment search: 0 of 1 replicas are available'],
  services: [
    { name: 'ingress', type: 'LoadBalancer', addresses: ['203.0.113.4'], state: '203.0.113.4' },
    { name: 'search', type: 'LoadBalancer', addresses: [], state: 'none yet' },
    { name: 'database', type: 'ClusterIP', addresses: [], state: 'inside only' },
  ],
  names: [
    {
      name: 'www.example.org.',
      service: 'ingress',
      servers: [
        { server: 'ns1.example.org (192.0.2.53)', answer: 'A 203.0.113.4 (TTL 60 s)', leadsHere: 'yes' },
        { server: 'ns2.example.org (192.0.2.54)', answer: 'A 198.51.100.7 (TTL 60 s)', leadsHere: 'no' },
        { server: 'ns3.example.org (192.0.2.55)', answer: 'no answer: timeout', leadsHere: 'unknown' },
      ],
    },
    { name: 'search.example.net.', service: 'search', servers: [], problem: 'zone example-net: GET /zones/example-net: 403' },
  ],
  warnings: [{ at: '2026-11-21T11:29:22Z', count: 12, object: 'Pod database-0', reason: 'BackOff', message: 'Back-off restarting failed container database in pod database-0' }],
  unread: [{ what: 'resourcequotas', reason: 'GET /api/v1/resourcequotas: 403' }],
};

test('a release in trouble', () => {
  expect(printDiagnosis(inTrouble, { columns: 80 })).toBe(`Release prod-2hpwr

Pods: 2 of 9 not running well
  search-7c45bf8c65-c6lf2  Unschedulable since 2026-11-21 11:26:11 UTC
    no node: 0/5 nodes are available: 5 Insufficient memory. preemption: 0/5
      nodes are available: 5 No preemption victims found for incoming pod.
    node-1: it is cordoned; memory: asks 64Gi, 20Gi of 23.4Gi are free
    node-2, node-3, node-4 and 1 more: memory: asks 64Gi, 8Gi of 16Gi are free
  database-0  CrashLoopBackOff since 2026-11-21 11:29:22 UTC
    container database crashes: 5 restarts, last with exit code 1
    | starting
    | FATAL: data directory "/var/lib/postgresql/data" has wrong ownership and
    |   cannot be used by this server

Not ready
  StatefulSet database: 0 of 1 replicas are available
  Deployment search: 0 of 1 replicas are available

Services
  ingress   LoadBalancer  203.0.113.4
  search    LoadBalancer  none yet
  database  ClusterIP     inside only

Names
  www.example.org. (Service ingress)
    ns1.example.org (192.0.2.53): A 203.0.113.4 (TTL 60 s), leads to this
      release
    ns2.example.org (192.0.2.54): A 198.51.100.7 (TTL 60 s), does not lead to
      this release
    ns3.example.org (192.0.2.55): no answer: timeout
  search.example.net. (Service search)
    zone example-net: GET /zones/example-net: 403

Warnings, the latest first
  2026-11-21 11:29:22 UTC, 12 times, Pod database-0: BackOff: Back-off
    restarting failed container database in pod database-0

Could not be read
  resourcequotas: GET /api/v1/resourcequotas: 403
`);
});

test('a release that is well', () => {
  const well: Diagnosis = { release: 'prod-2hpwr', pods: { total: 3, troubled: [] }, notReady: [], services: [], names: [], warnings: [], unread: [] };
  expect(printDiagnosis(well, { columns: 80 })).toBe(`Release prod-2hpwr

Pods: all is well with 3 pods

Not ready: none

Services: none

Names: none

Warnings, the latest first: none
`);
});

test('what is not known is never shown as empty', () => {
  const blind: Diagnosis = { release: 'prod-2hpwr', names: [], unread: [{ what: 'pods', reason: 'GET /api/v1/namespaces/prod-2hpwr/pods: 403' }] };
  expect(printDiagnosis(blind, { columns: 80 })).toBe(`Release prod-2hpwr

Pods: not known (see below)

Not ready: not known (see below)

Services: not known (see below)

Names: none

Warnings, the latest first: not known (see below)

Could not be read
  pods: GET /api/v1/namespaces/prod-2hpwr/pods: 403
`);
});

test('a release without any pod says so: that is not the same as all being well', () => {
  const empty: Diagnosis = { release: 'prod-2hpwr', pods: { total: 0, troubled: [] }, names: [], unread: [] };
  expect(printDiagnosis(empty, { columns: 80 })).toContain('Pods: there is none');
});

test.each([40, 80, 120])('no line is longer than %d columns, but for words that are', (columns) => {
  const lines = printDiagnosis(inTrouble, { columns }).split('\n');
  expect(lines.filter((line) => line.length > columns && line.trim().includes(' ') && !/^ {2}\S+ {2}/.test(line))).toEqual([]);
});
