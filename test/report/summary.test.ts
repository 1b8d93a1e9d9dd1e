// The last words of a run, whole. On failure they must answer: what, which object, why, since when, and what now.

import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/run/record.ts';
import { styleFor } from '../../src/report/style.ts';
import { failureSummary, successSummary, type FailedRun } from '../../src/report/summary.ts';
import type { Status } from '../../src/session/status.ts';
import { crash, start } from './runs.ts';

const page = { columns: 80, style: styleFor({ color: false }) };
const invocation = { files: ['config/base.yaml', 'config/my prod.yaml'], context: 'prod' };

const failed: FailedRun = {
  failure: crash,
  outcome: 'failed',
  step: 'Wait until everything is ready',
  production: 'untouched: all 2 names point to prod-aaaaa',
  environment: 'prod',
  release: 'prod-2hpwr',
  run: '20261121-235800-2hpwr',
  now: start + 200_000,
};

describe('the last words of a failed run', () => {
  it('tell everything an operator asks, and end with the next command, ready to be copied', () => {
    expect(failureSummary(failed, invocation, page)).toMatchInlineSnapshot(`
      "
      FAILED  The candidate did not become ready

        step        Wait until everything is ready
        what        Pod portal-6d5f: container portal crashes: exit code 1, 3 restarts
        object      Pod prod-2hpwr/portal-6d5f
        reason      CrashLoopBackOff
        since       2026-11-21 23:58:12 UTC (3 min 8 s ago)
        also        Deployment portal: 0 of 2 replicas are available
                    Service ingress: no address yet
        log         | starting
                    | no such table: city
        production  untouched: all 2 names point to prod-aaaaa
        next        Look closer with:
                    changeover diagnose prod-2hpwr -f config/base.yaml -f 'config/my prod.yaml' --context prod
      "
    `);
  });

  it('leave out what is not known', () => {
    const { failure, outcome, now } = failed;
    const bare = { ...failure, facts: { summary: 'it broke' }, next: 'Start the run again' };
    expect(failureSummary({ failure: bare, outcome, now }, { files: [] }, page)).toMatchInlineSnapshot(`
      "
      FAILED  The candidate did not become ready

        what  it broke
        next  Start the run again
      "
    `);
  });

  it('say by their heading whether the public noticed', () => {
    const heading = (outcome: FailedRun['outcome']): string => failureSummary({ ...failed, outcome }, invocation, page).split('\n')[1] ?? '';
    expect(heading('restored')).toBe('FAILED, AND SWAPPED BACK  The candidate did not become ready');
    expect(heading('needsHuman')).toBe('NEEDS A HUMAN  The candidate did not become ready');
    expect(heading('interrupted')).toBe('STOPPED  The candidate did not become ready');
  });

  it('begin with the faults of the configuration at the margin, where editors find them', () => {
    const details = ['prod.yaml:3:1: unknown key `scedule`; did you mean `schedule`?', 'prod.yaml:9:3: `dns[0].zone` is missing; add `zone:`'];
    const failure = { code: 'ConfigurationInvalid', title: 'The configuration is not valid', facts: { summary: '2 errors in prod.yaml', details }, next: 'Correct the lines above, then run: changeover validate -f FILE' } as const;
    expect(failureSummary({ failure, outcome: 'failed', now: start }, { files: ['prod.yaml'] }, page)).toMatchInlineSnapshot(`
      "prod.yaml:3:1: unknown key \`scedule\`; did you mean \`schedule\`?
      prod.yaml:9:3: \`dns[0].zone\` is missing; add \`zone:\`

      FAILED  The configuration is not valid

        what  2 errors in prod.yaml
        next  Correct the lines above, then run:
              changeover validate -f prod.yaml
      "
    `);
  });

  it('keep prose within the width, and never break a command or a log line', () => {
    const logTail = `${'x'.repeat(120)}\n`;
    const text = failureSummary({ ...failed, failure: { ...crash, facts: { ...crash.facts, logTail, summary: 'word '.repeat(60).trim() } } }, invocation, page);
    const long = text.split('\n').filter((line) => line.length > 80);
    expect(long.map((line) => line.trim().slice(0, 20))).toEqual(['log         | xxxxxx', 'changeover diagnose ']);
  });
});

const record: RunRecord = {
  version: 1,
  id: '20261121-235800-2hpwr',
  operation: 'rebuild',
  environment: 'prod',
  epoch: 1,
  holder: 'host/1',
  startedAt: '2026-11-21T23:58:00Z',
  endedAt: '2026-11-22T00:00:06Z',
  outcome: 'succeeded',
  planHash: 'x',
  plan: null,
  steps: [
    { name: 'checkPreconditions', state: 'done', startedAt: '2026-11-21T23:58:00Z', endedAt: '2026-11-21T23:58:01Z' },
    { name: 'retirePrevious', state: 'skipped', reason: 'deleteExisting is false: prod-aaaaa stays' },
  ],
  warnings: ['waitUntilReady: Deployment extra: 0 of 1 replicas are available, which the configuration allows'],
};

const release = (name: string, role: Status['releases'][number]['role']) => ({ name, role, createdAt: undefined, liveSince: undefined, deleting: false, addresses: [] });
const status: Status = {
  environment: 'prod',
  cluster: 'main',
  holder: undefined,
  run: record,
  locked: undefined,
  unfinished: false,
  releases: [release('prod-2hpwr', 'live'), release('prod-aaaaa', 'previous'), release('prod-00000', 'older')],
  cordoned: undefined,
  names: [
    { name: 'www.example.org.', values: ['192.0.2.1', '192.0.2.2'], to: { kind: 'release', release: 'prod-2hpwr' }, problems: [] },
    { name: 'search.example.org.', values: ['lb.example.net.'], to: { kind: 'release', release: 'prod-2hpwr' }, problems: [] },
  ],
};

describe('the last words of a good run', () => {
  const titles = new Map([['checkPreconditions', 'Check preconditions'], ['retirePrevious', 'Retire the previous release']]);

  it('tell the releases, the names, the way back, the way to clean up, and how long each step took', () => {
    expect(successSummary({ record, status, durationMs: 126_000, titles }, { files: ['prod.yaml'] }, page)).toMatchInlineSnapshot(`
      "
      DONE  rebuild of prod in 2 min 6 s (run 20261121-235800-2hpwr)

        live       prod-2hpwr
        names      www.example.org.     192.0.2.1 192.0.2.2  prod-2hpwr
                   search.example.org.  lb.example.net.      prod-2hpwr
        previous   prod-aaaaa is still there
        roll back  changeover rollback -f prod.yaml
        remove     helm uninstall prod-aaaaa -n prod-aaaaa && kubectl delete namespace prod-aaaaa
        others     prod-00000 (older)

        warning waitUntilReady: Deployment extra: 0 of 1 replicas are available, which
                the configuration allows

        Check preconditions          1 s
        Retire the previous release  skipped: deleteExisting is false: prod-aaaaa stays
      "
    `);
  });

  it('offer no way back where there is none', () => {
    const only = { ...status, releases: status.releases.slice(0, 1) };
    const text = successSummary({ record, status: only, durationMs: 0, titles }, { files: ['prod.yaml'] }, page);
    expect(text).not.toContain('roll back');
    expect(text).not.toContain('helm uninstall');
  });

  it('still tell that it is done when the world cannot be read any more, and why not', () => {
    const text = successSummary({ record: { ...record, warnings: [] }, status: undefined, unread: 'GET /api/v1/namespaces: no answer in 30 s', durationMs: 126_000, titles }, { files: ['prod.yaml'] }, page);
    expect(text).toMatchInlineSnapshot(`
      "
      DONE  rebuild of prod in 2 min 6 s (run 20261121-235800-2hpwr)

        live  could not be read any more: GET /api/v1/namespaces: no answer in 30 s
        look  changeover status -f prod.yaml

        Check preconditions          1 s
        Retire the previous release  skipped: deleteExisting is false: prod-aaaaa stays
      "
    `);
  });
});
