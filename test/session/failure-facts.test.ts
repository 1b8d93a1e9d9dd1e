// Whichever step fails: what is known of the object, the reason, since when and the log is told, and nothing is made up.

import { expect, test } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Failure } from '../../src/errors.ts';
import { assertAdopted, planAdoption } from '../../src/session/adopt.ts';
import type { Reading } from '../../src/session/session.ts';
import type { Performed } from '../../src/session/unfinished.ts';
import { failing } from '../../sim/faults.ts';
import { chart, environmentWith, production, type Production } from '../../sim/production.ts';
import type { Scenario } from '../../sim/world.ts';
import { harvested, withHarvester } from './harvested.ts';

interface Trouble {
  readonly what: string;
  readonly scenario?: Scenario;
  /** Of the environment. */
  readonly sections?: Readonly<Record<string, unknown>>;
  /** When this step begins, `happens`. */
  readonly at: string;
  readonly happens: (made: Production) => unknown;
  readonly code: string;
  /** Left out where no one object is at fault. */
  readonly object?: RegExp;
  readonly reason: RegExp;
  readonly log?: RegExp;
}

const checkJob = { verify: { jobs: [{ name: 'count', job: { fromJob: 'loader' } }], timeout: '1m' }, load: [] };
const tests = { verify: { helmTest: true, timeout: '1m' } };
const theirs = { name: 'www.example.org.', type: 'A', ttl: 60, values: ['203.0.113.7'] } as const;

function fails(text: RegExp, detail: string): (made: Production) => void {
  return ({ world }) => void (world.faults = failing(text, new DriverError({ reason: 'invalid', attempted: 'it', detail }), 1));
}

function silent(forMs: number): (made: Production) => void {
  const error = new DriverError({ reason: 'timeout', attempted: 'it', detail: 'no answer in 2 s' });
  return ({ world }) => {
    const until = world.clock.now() + forMs;
    world.faults = ({ text, at }) => (text.startsWith('resolver') && text.includes('example.org') && at < until ? error : undefined);
  };
}

/** The addresses stay, and so does whose name it is. */
function otherTtl({ world }: Production): void {
  const records = world.dns.served('www.example.org.')[0]?.records ?? [];
  world.dns.edit('example-org', 'www.example.org.', records.map((record) => ({ ...record, ttl: 17 })));
}

const troubles: readonly Trouble[] = [
  { what: 'a precondition does not hold', at: 'checkPreconditions', happens: ({ world }) => world.dns.silence('ns2.example.org.'), code: 'GuardFailed', reason: /^not so: zones can be read and written$/ },
  { what: 'a name is not as planned', at: 'checkPreconditions', happens: otherTtl, code: 'PlanOutdated', object: /^www\.example\.org\. in zone example-org$/, reason: /^is A 198\.18\.0\.\d+ \(TTL 17 s\) now$/ },
  { what: 'the chart is not as planned', at: 'checkPreconditions', happens: ({ world }) => world.charts.set('/chart', { ...chart, version: '2.0.0' }), code: 'PlanOutdated', object: /^chart \/chart$/, reason: /^is sha256:\w+ now$/ },
  { what: 'Helm refuses to install', at: 'installRelease', happens: fails(/^helm\.install/, 'quota exceeded'), code: 'InstallFailed', object: /^release prod-r0002$/, reason: /^quota exceeded$/ },
  { what: 'a pod crashes', at: 'installRelease', happens: ({ world }) => world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop', log: 'no such table' }), code: 'NotReady', object: /^Pod prod-r0002\/web-/, reason: /^CrashLoopBackOff$/, log: /^no such table\n$/ },
  { what: 'a load Job fails', at: 'loadData', happens: ({ world }) => world.cluster.behaviours.set('Job/loader', { outcome: 'fails', log: 'row 17: bad value' }), code: 'LoadFailed', object: /^Pod prod-r0002\/base-/, reason: /ended with exit code 1/, log: /^row 17: bad value$/ },
  { what: 'a job of a job list fails', scenario: withHarvester, sections: harvested, at: 'loadData', happens: ({ world }) => (world.harvester.scenario = { failingJobs: ['towns'] }), code: 'LoadFailed', object: /^list 1 at http:\/\/ingress\.prod-r0002\.svc/, reason: /^ended with ERROR$/ },
  { what: 'an HTTP check fails', at: 'verifyRelease', happens: ({ world }) => world.sites.set('prod-r0002/ingress', { status: 503 }), code: 'VerificationFailed', object: /^GET http:\/\/www\.example\.org\/ at 198\.18\.0\.\d+$/, reason: /^answered 503 instead of 200$/ },
  { what: 'a check Job fails', sections: checkJob, at: 'verifyRelease', happens: ({ world }) => world.cluster.behaviours.set('Job/loader', { outcome: 'fails', log: '3 rows are missing' }), code: 'VerificationFailed', object: /^Pod prod-r0002\/count-/, reason: /ended with exit code 1/, log: /^3 rows are missing$/ },
  { what: 'helm test fails', sections: tests, at: 'verifyRelease', happens: fails(/^helm\.test/, 'smoke failed\nexpected 3, found 2'), code: 'VerificationFailed', object: /^release prod-r0002$/, reason: /^smoke failed$/, log: /^expected 3, found 2$/ },
  { what: 'a zone refuses the change', at: 'swapNames', happens: fails(/^dns\.change example-org/, 'REFUSED'), code: 'SwapFailed', object: /^www\.example\.org\. in zone example-org$/, reason: /^REFUSED$/ },
  { what: 'a name server does not answer', at: 'swapNames', happens: silent(5_000), code: 'SwapFailed', object: /^www\.example\.org\. in zone example-org$/, reason: /^no answer in 2 s$/ },
  { what: 'a name server never serves the change', at: 'swapNames', happens: ({ world }) => world.dns.freeze('ns2.example.org.'), code: 'SwapFailed', object: /^www\.example\.org\. in zone example-org$/, reason: /^still awaited: ns2\.example\.org\. to answer/ },
  { what: 'somebody else changes a name', at: 'loadData', happens: ({ world }) => world.dns.edit('example-org', theirs.name, [theirs]), code: 'SwapConflict', object: /^www\.example\.org\. in zone example-org$/, reason: /^holds A 203\.0\.113\.7/ },
  { what: 'another environment takes a name', at: 'loadData', happens: ({ world }) => world.dns.editText('example-org', `_changeover.${theirs.name}`, ['changeover environment=other epoch=1 change=1']), code: 'SwapConflict', object: /^www\.example\.org\. in zone example-org$/, reason: /^owned by environment other/ },
  { what: 'a check fails while the public moves', at: 'drainPrevious', happens: ({ world }) => world.sites.set('prod-r0002/ingress', { status: 500 }), code: 'DrainFailed', object: /^GET http:\/\/www\.example\.org\/ at /, reason: /^answered 500 instead of 200$/ },
  { what: 'Helm cannot uninstall', at: 'retirePrevious', happens: fails(/^helm\.uninstall/, 'failed to delete release'), code: 'RetireFailed', object: /^release prod-r0001$/, reason: /^failed to delete release$/ },
  { what: 'a namespace will not go', at: 'retirePrevious', happens: stick, code: 'RetireFailed', object: /^Namespace prod-r0001$/, reason: /^still awaited: namespace prod-r0001 to be gone/ },
];

async function stick({ world }: Production): Promise<void> {
  await world.cluster.create(kinds.configMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stuck', namespace: 'prod-r0001', finalizers: ['example.org/stuck'] } });
}

/** A second rebuild in which this happens, and when the step began. */
async function troubled({ scenario, sections, at, happens }: Trouble): Promise<{ readonly ended: Performed | undefined; readonly from: number; readonly to: number }> {
  const made = await production(scenario);
  await made.command();
  let from = Number.NaN;
  const onEvent = (event: { readonly type: string; readonly step?: string | undefined }): void => {
    if (event.type !== 'stepStarted' || event.step !== at) return;
    from = made.world.clock.now();
    void happens(made);
  };
  const ended = await made.command({ operation: 'rebuild' }, { environment: environmentWith(sections), onEvent });
  return { ended, from, to: made.world.clock.now() };
}

test.each(troubles)('$what: the object, the reason, since when, and the log where there is one', async (trouble) => {
  const { ended, from, to } = await troubled(trouble);
  const { object, reason, since = '', logTail } = ended?.failure?.facts ?? {};
  expect(ended?.failure?.code).toBe(trouble.code);
  expect(object ?? 'no object').toMatch(trouble.object ?? /^no object$/);
  expect(reason).toMatch(trouble.reason);
  // Kubernetes has no fractions of a second.
  expect(Date.parse(since)).toBeGreaterThanOrEqual(from - 1_000);
  expect(Date.parse(since)).toBeLessThan(to);
  if (trouble.log === undefined) expect(logTail).toBeUndefined();
  else expect(logTail).toMatch(trouble.log);
});

test('since when: a load that does not end in time since it began, an HTTP check since it first failed', async () => {
  const late = await troubled({ what: '', at: 'loadData', happens: ({ world }) => world.cluster.behaviours.set('Job/loader', { afterMs: 3_600_000 }), code: '', object: /./, reason: /./ });
  expect(late.ended?.failure?.facts.reason).toContain('not done after 10 min');
  expect(Date.parse(late.ended?.failure?.facts.since ?? '') - late.from).toBeLessThan(2_000);
  const check = await troubled({ what: '', at: 'verifyRelease', happens: ({ world }) => world.sites.set('prod-r0002/ingress', { status: 503 }), code: '', object: /./, reason: /./ });
  expect(Date.parse(check.ended?.failure?.facts.since ?? '') - check.from).toBeLessThan(2_000);
  expect(check.to - check.from).toBeGreaterThan(60_000);
});

interface Refusal {
  readonly what: string;
  readonly scenario?: Scenario;
  readonly refuse: (made: Production) => Promise<unknown>;
}

function reading({ world }: Production): Reading {
  const { drivers, clock } = world.start();
  return { environment: environmentWith(), drivers, clock, stop: new AbortController().signal, say: () => undefined };
}

const refusals: readonly Refusal[] = [
  { what: 'a rollback to a release that is not there', refuse: ({ command }) => command({ operation: 'rollback', to: 'prod-typo1' }) },
  { what: 'a rollback where there is no other release', refuse: ({ command }) => command({ operation: 'rollback' }) },
  { what: 'a run where the runner is installed elsewhere', scenario: { installed: 'laptop', runnerNamespace: 'builder' }, refuse: ({ command }) => command() },
  { what: 'the adoption of a namespace that is not there', refuse: (made) => planAdoption('shop', reading(made)) },
  { what: 'the giving back of what was never adopted', refuse: (made) => assertAdopted('shop', reading(made)) },
];

test.each(refusals)('$what is refused before any step, as of the look that showed it', async ({ scenario, refuse }) => {
  const made = await production(scenario);
  if (scenario === undefined) await made.command();
  const from = Math.floor(made.world.clock.now());
  const refused = await refuse(made).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'GuardFailed', facts: { since: expect.any(String) } });
  const since = Date.parse((refused as Failure).facts.since ?? '');
  expect(since).toBeGreaterThanOrEqual(from);
  expect(since).toBeLessThanOrEqual(made.world.clock.now());
});
