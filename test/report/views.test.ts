// Data as text for people: status, history and plan, whole.

import { describe, expect, it } from 'vitest';
import { planText, planView } from '../../src/report/plan.ts';
import { historyText, runText } from '../../src/report/history.ts';
import { productionText, statusText } from '../../src/report/status.ts';
import type { Observed } from '../../src/plan/observed.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RunRecord } from '../../src/run/record.ts';
import type { NameStatus, Status } from '../../src/session/status.ts';
import { start } from './runs.ts';

const record: RunRecord = {
  version: 1,
  id: '20261121-235800-2hpwr',
  operation: 'rebuild',
  environment: 'prod',
  epoch: 1,
  holder: 'host/1',
  startedAt: '2026-11-21T23:58:00Z',
  outcome: 'running',
  planHash: 'x',
  plan: null,
  steps: [
    { name: 'checkPreconditions', state: 'done', startedAt: '2026-11-21T23:58:00Z', endedAt: '2026-11-21T23:58:01Z' },
    { name: 'removeLeftovers', state: 'skipped', reason: 'nothing is left over' },
    { name: 'loadData', state: 'running', startedAt: '2026-11-21T23:58:30Z' },
    { name: 'swapNames', state: 'pending' },
  ],
  warnings: [],
};
const failed: RunRecord = {
  ...record,
  id: '20261120-030000-aaaaa',
  outcome: 'restored',
  endedAt: '2026-11-22T01:58:00Z',
  warnings: ['loadData: job extra failed'],
  failure: { step: 'drainPrevious', code: 'DrainFailed', summary: 'GET http://www.example.org/ answered 503', object: 'Service ingress', since: '2026-11-22T01:50:00Z' },
};

const point = (name: string, to: NameStatus['to'], ...values: readonly string[]): NameStatus => ({ name, values, to, problems: [] });
const www = point('www.example.org.', { kind: 'release', release: 'prod-2hpwr' }, '192.0.2.1');
const status: Status = {
  environment: 'prod',
  cluster: 'main',
  holder: { holder: 'host/1', epoch: 3, durationMs: 30_000, acquiredAt: start, renewedAt: start + 115_000 },
  run: record,
  locked: undefined,
  unfinished: false,
  releases: [
    { name: 'prod-2hpwr', role: 'live', createdAt: '2026-11-20T10:00:00Z', liveSince: '2026-11-20T11:00:00Z', deleting: false, addresses: [{ service: 'ingress', values: ['192.0.2.1'] }] },
    { name: 'prod-new00', role: 'candidate', createdAt: '2026-11-21T23:58:05Z', liveSince: undefined, deleting: true, addresses: [] },
  ],
  names: [www],
  cordoned: [],
};

describe('status', () => {
  it('tells who runs what since when, the releases, and the names', () => {
    expect(statusText(status, start + 120_000)).toMatchInlineSnapshot(`
      "environment prod on cluster main

      run
        rebuild 20261121-235800-2hpwr: still running for 2 min
        step loadData for 1 min 30 s
        host/1 holds the lock since 2026-11-21 23:58:00 UTC, renewed 5 s ago

      releases
        prod-2hpwr  live                      live since 2026-11-20 11:00:00 UTC  ingress 192.0.2.1
        prod-new00  candidate, being deleted  created 2026-11-21 23:58:05 UTC

      names
        www.example.org.  192.0.2.1  prod-2hpwr"
    `);
  });

  it('of an environment without anything says so', () => {
    const names = [{ ...point('www.example.org.', { kind: 'nothing' }), problems: [] }];
    const empty: Status = { ...status, holder: undefined, run: undefined, releases: [], names };
    expect(statusText(empty, start)).toMatchInlineSnapshot(`
      "environment prod on cluster main

      run
        none yet
        nobody holds the lock

      releases
        none

      names
        www.example.org.  –  does not exist"
    `);
  });

  it('of a run that nobody goes on with tells where it stopped, not since when it works', () => {
    const [first, ...others] = failed.steps;
    const present = { name: first?.name ?? '', state: 'running', startedAt: new Date(start).toISOString() } as const;
    const stopped: Status = { ...status, holder: undefined, run: { ...failed, outcome: 'interrupted', steps: [present, ...others] }, unfinished: true };
    expect(statusText(stopped, start + 60_000)).toContain(`it stopped in step ${first?.name}\n`);
    expect(statusText({ ...stopped, unfinished: false }, start + 60_000)).toContain(`step ${first?.name} for 1 min\n`);
  });

  it('tells of a run that nobody goes on with, of its failure, and of names that cannot be read', () => {
    const problem = 'zone example-org: GET … timed out';
    const names = ['a.example.org.', 'b.example.org.'].map((name) => ({ ...point(name, { kind: 'unknown' }), problems: [problem] }));
    const text = statusText({ ...status, holder: undefined, run: { ...failed, outcome: 'interrupted' }, unfinished: true, names }, start);
    expect(text).toContain('left unfinished: the next run resumes or unwinds it');
    expect(text).toContain('step drainPrevious: GET http://www.example.org/ answered 503');
    expect(text.match(/could not be read/g)).toHaveLength(2);
    expect(text.split(problem)).toHaveLength(2);
  });
});

describe('what the public has, in one sentence', () => {
  const search = (to: NameStatus['to']): NameStatus => point('search.example.org.', to, '192.0.2.9');
  it.each([
    ['all 2 names point to prod-2hpwr', [www, search({ kind: 'release', release: 'prod-2hpwr' })]],
    ['www.example.org. points to prod-2hpwr', [www]],
    ['there is none yet: the names do not exist', [point('a.', { kind: 'nothing' })]],
    ['the names disagree: www.example.org. → prod-2hpwr, search.example.org. → no release of this environment', [www, search({ kind: 'foreign', values: ['192.0.2.9'] })]],
    ['a. points to addresses of no release of this environment', [point('a.', { kind: 'foreign', values: [] })]],
    ['what the names answer could not be read', [point('a.', { kind: 'unknown' })]],
    ['the names disagree: www.example.org. → prod-2hpwr, search.example.org. → several releases', [www, search({ kind: 'mixed', values: [] })]],
    ['the names disagree: www.example.org. → prod-2hpwr, search.example.org. → could not be read', [www, search({ kind: 'unknown' })]],
  ] as const)('%s', (sentence, names) => {
    expect(productionText({ ...status, names })).toBe(sentence);
  });
});

describe('history', () => {
  it('is a line per run, with the reason below those that failed', () => {
    expect(historyText([record, failed])).toMatchInlineSnapshot(`
      "20261121-235800-2hpwr  rebuild  2026-11-21 23:58:00 UTC       still running
      20261120-030000-aaaaa  rebuild  2026-11-21 23:58:00 UTC  2 h  failed, and swapped back  1 warning
        GET http://www.example.org/ answered 503"
    `);
    expect(historyText([])).toBe('no runs yet');
  });

  it('of one run tells its steps, durations, warnings and failure', () => {
    expect(runText({ ...failed, steps: record.steps })).toMatchInlineSnapshot(`
      "rebuild of prod, run 20261120-030000-aaaaa: failed, and swapped back
      started 2026-11-21 23:58:00 UTC by host/1, ended 2026-11-22 01:58:00 UTC after 2 h

      failure
        step    drainPrevious
        code    DrainFailed
        what    GET http://www.example.org/ answered 503
        object  Service ingress
        since   2026-11-22 01:50:00 UTC

      warnings
        loadData: job extra failed

      steps
        checkPreconditions  done     1 s
        removeLeftovers     skipped       nothing is left over
        loadData            running
        swapNames           pending"
    `);
  });
});

const plan: Plan = {
  operation: 'rebuild',
  environment: 'prod',
  cluster: 'main',
  candidate: 'prod-new00',
  previous: { name: 'prod-2hpwr', namespaceUid: 'u' },
  createsCandidate: true,
  names: [{ zone: 'example-org', name: 'www.example.org.', service: 'ingress', ttl: 60, before: [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.1'] }] }],
  deletePrevious: true,
  leftovers: [{ name: 'prod-dead0', namespaceUid: 'v' }],
  kept: ['prod-00000'],
  chart: './chart',
  chartIdentity: 'commit 0123456789abcdef0123456789abcdef01234567',
  estimateMs: 600_000,
};
const object = (kind: string, name: string) => ({ apiVersion: 'v1', kind, metadata: { name } });
const observed: Observed = {
  identity: { context: 'main', cluster: 'main', server: 'https://192.0.2.8', version: 'v1.35.4' },
  helmVersion: 'v4.2.3',
  installation: undefined,
  unbound: [],
  access: [],
  releases: [],
  names: [],
  chart: { chart: { directory: '/x', name: 'portal', version: '1.0.0', origin: './chart', identity: 'sha256:0' }, rendered: [object('Deployment', 'portal'), object('Service', 'ingress')], conflicts: [] },
  records: [],
};
const guards = [
  { guard: 'the right cluster', holds: true, reasons: [] },
  { guard: 'permissions are there', holds: false, reasons: ['this account may not create namespaces'] },
];

describe('plan', () => {
  it('tells every intended write, what stays, the estimate, each guard, and that nothing was written', () => {
    expect(planText(planView({ plan, guards, observed }))).toMatchInlineSnapshot(`
      "plan: rebuild of prod on cluster main
      live now: prod-2hpwr
      estimate: 10 min, as earlier runs took

      create release prod-new00 from ./chart: 3 objects
          chart content: commit 0123456789abcdef0123456789abcdef01234567
        + Namespace prod-new00
        + Deployment portal
        + Service ingress

      move 1 name in one atomic change
        ~ www.example.org. (zone example-org)
            before A 192.0.2.1 (TTL 60 s)
            after  the address that Service ingress of prod-new00 gets (TTL 60 s)

      delete
        - prod-dead0  left behind by an earlier run, before anything else
        - prod-2hpwr  the previous release, once the public has moved (deleteExisting)

      keep: prod-00000

      guards
        ✔ the right cluster
        ✖ permissions are there
            this account may not create namespaces

      A run would be refused: one guard does not hold.
      Nothing has been written."
    `);
  });

  it('lists the rights that an installed runner gives itself and Helm: in its own release, and first in one that was made without them', () => {
    const objects = ['RoleBinding changeover-installer', 'RoleBinding changeover-runner', 'ServiceAccount changeover-installer'];
    const view = planView({ plan: { ...plan, installer: true }, guards: [], observed, access: [{ release: 'prod-2hpwr', objects }, { release: 'prod-new00', objects }] });
    expect(view.objects.slice(0, 5)).toEqual(['Namespace prod-new00', ...objects, 'Deployment portal']);
    expect(planText(view)).toContain('give rights in release prod-2hpwr, which was made without them\n  + RoleBinding changeover-installer\n  + RoleBinding changeover-runner\n  + ServiceAccount changeover-installer');
  });

  it('of a rehearsal moves no name, and removes what it made', () => {
    const view = planView({ plan: { ...plan, operation: 'rehearse', deletePrevious: false, leftovers: [] }, guards: [], observed });
    expect(view).toMatchObject({ names: [], deletions: [{ release: 'prod-new00' }], kept: ['prod-2hpwr', 'prod-00000'] });
    expect(planText(view)).toContain('names: none is touched');
  });

  it('of a rollback creates nothing, and knows the addresses beforehand', () => {
    const ingress = { ...object('Service', 'some-name'), metadata: { name: 'some-name', labels: { name: 'ingress' } }, status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } } };
    const old = { name: 'prod-old00', uid: 'w', state: 'previous', run: undefined, epoch: 0, liveSince: undefined, createdAt: undefined, deleting: false, helmRelease: 'prod-old00', services: [ingress] } as const;
    const rollback = { ...plan, operation: 'rollback', candidate: 'prod-old00', createsCandidate: false, deletePrevious: false, leftovers: [], kept: [] };
    const view = planView({ plan: rollback, guards: [], observed: { ...observed, chart: undefined, releases: [old] } });
    expect(view).toMatchObject({ objects: [], deletions: [], kept: ['prod-2hpwr'], names: [{ before: 'A 192.0.2.1 (TTL 60 s)', after: '192.0.2.7 (TTL 60 s)' }] });
  });

  it('as data is complete without the text', () => {
    expect(JSON.parse(JSON.stringify(planView({ plan, guards, observed })))).toEqual({
      operation: 'rebuild',
      environment: 'prod',
      cluster: 'main',
      candidate: 'prod-new00',
      previous: 'prod-2hpwr',
      live: 'prod-2hpwr',
      chart: './chart',
      chartIdentity: 'commit 0123456789abcdef0123456789abcdef01234567',
      objects: ['Namespace prod-new00', 'Deployment portal', 'Service ingress'],
      access: [],
      names: [{ zone: 'example-org', name: 'www.example.org.', before: 'A 192.0.2.1 (TTL 60 s)', after: 'the address that Service ingress of prod-new00 gets (TTL 60 s)' }],
      deletions: [
        { release: 'prod-dead0', reason: 'left behind by an earlier run, before anything else' },
        { release: 'prod-2hpwr', reason: 'the previous release, once the public has moved (deleteExisting)' },
      ],
      kept: ['prod-00000'],
      estimateMs: 600_000,
      guards,
      written: 'nothing',
    });
  });
});
