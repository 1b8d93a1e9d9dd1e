// Two runners at the same instant, and a runner that is stopped (SIGSTOP) for longer than its lease lasts and wakes up when another has
// taken over: what they do together is what one does.

import { setTimeout } from 'node:timers/promises';
import type { AuditEvent } from '../../../bench/audit.ts';
import { problemsAfter } from '../support/environment.ts';
import { live, sideBySide, type Phase, type Place } from '../support/rounds.ts';
import type { ChaosRun } from '../support/run.ts';
import { describeWrite, isWrite } from '../support/writes.ts';

const refused = 5;
const lostItsLock = 75;
const woken = 'put to sleep past the lease, taken over, and woken';

export function doubles(phase: Phase): Promise<void> {
  return sideBySide(phase, { prefix: 'double', prepare: live(), round: (place) => round(place, phase) });
}

interface Pair {
  readonly stale: ChaosRun;
  readonly next: ChaosRun;
  readonly stoppedAt: number;
  readonly wokenAt: number;
}

/** One rebuild: begun twice at once, and the one that got the lock is put to sleep on its way. Resolves to 0 when it had ended before. */
async function round({ environment, clean }: Place, phase: Phase): Promise<number> {
  const { tally } = phase;
  const sinceMs = Date.now();
  const before = await environment.onlyRelease();
  const started = await Promise.all([environment.start('rebuild'), environment.start('rebuild')]);
  const winner = await Promise.any(started.map(async (run) => ((await run.until(({ type }) => type === 'runStarted')) === undefined ? Promise.reject(new Error('refused')) : run))).catch(() => undefined);
  if (winner === undefined) throw new Error(`neither of two runners began\n${story(started)}`);
  // Still watching whether the winner lives, the other would rightly take over from one that sleeps.
  await Promise.all(started.filter((run) => run !== winner).map(({ ended }) => ended));
  const pair = await sleepAndWake(winner, { environment, clean }, phase);
  const runs = [...started.filter((run) => run !== winner), ...(pair === undefined ? await environment.finish(winner) : [winner, ...(await environment.finish(pair.next))])];
  const ends = await Promise.all(runs.map(async (run) => ({ run, exitCode: (await run.ended).exitCode })));
  const requests = new Map(await Promise.all(runs.map(async ({ identity }) => [identity, await environment.requestsOf([identity])] as const)));
  const { problems } = await problemsAfter(environment, { runs, sinceMs, environment: environment.name, before, after: await environment.onlyRelease() }, clean);
  const all = [...loserProblems(started.filter((run) => run !== winner), { ends, requests }), ...pairProblems(pair, { ends, requests }), ...problems];
  tally.count('double starts');
  if (pair !== undefined) tally.count(woken);
  if (pair !== undefined) tally.count(`of them in ${pair.stale.step}`);
  if (pair === undefined && ends.at(-1)?.exitCode !== 0) all.push('the only runner did not end well');
  if (all.length > 0) tally.violation(`${environment.name}:\n    ${all.join('\n    ')}\n${story(runs)}`);
  tally.say(`${environment.name}: ${pair === undefined ? 'one of two refused' : `one of two refused, the other put to sleep in ${pair.stale.step}`}, ${all.length === 0 ? 'all well' : 'NOT well'}; ${tally.of(woken)} of ${phase.rounds}`);
  return pair === undefined ? 0 : 1;
}

/** Undefined when it had ended before the chosen moment. */
async function sleepAndWake(stale: ChaosRun, { environment, clean }: Place, { random, tally }: Phase): Promise<Pair | undefined> {
  const steps = [...clean.durationsMs.keys()];
  const [least] = steps.map((step) => ({ step, count: tally.of(`of them in ${step}`) + random.next() / 2 })).toSorted((left, right) => left.count - right.count);
  const entered = await stale.until(({ type, step }) => type === 'stepStarted' && step === least?.step);
  if (entered === undefined) return undefined;
  await stale.pause(random.next() * (clean.durationsMs.get(entered.step ?? '') ?? 1_000));
  if (stale.isOver || stale.events.some(({ type }) => type === 'runEnded')) return undefined;
  const stoppedAt = stale.signal('SIGSTOP', 'tree');
  try {
    const next = await environment.start('rebuild');
    await next.until(({ type }) => type === 'runStarted');
    await setTimeout(random.next() * 3_000);
    return { stale, next, stoppedAt, wokenAt: Date.now() };
  } finally {
    stale.signal('SIGCONT', 'tree');
  }
}

interface Seen {
  readonly ends: readonly { readonly run: ChaosRun; readonly exitCode: number | undefined }[];
  readonly requests: ReadonlyMap<string, readonly AuditEvent[]>;
}

function loserProblems(losers: readonly ChaosRun[], { ends, requests }: Seen): readonly string[] {
  return losers.flatMap((loser) => {
    const exitCode = ends.find(({ run }) => run === loser)?.exitCode;
    const writes = (requests.get(loser.identity) ?? []).filter(isWrite);
    return [...(exitCode === refused ? [] : [`the second runner ended with ${exitCode}`]), ...writes.map((write) => `the second runner wrote: ${describeWrite(write)}`)];
  });
}

/** What was on its way when it was stopped arrives at once; later than that it must write nothing. */
const onItsWayMs = 500;

function pairProblems(pair: Pair | undefined, { ends, requests }: Seen): readonly string[] {
  if (pair === undefined) return [];
  const exitOf = (wanted: ChaosRun): number | undefined => ends.find(({ run }) => run === wanted)?.exitCode;
  const late = (requests.get(pair.stale.identity) ?? []).filter((request) => isWrite(request) && request.receivedAt > pair.stoppedAt + onItsWayMs);
  return [
    ...(exitOf(pair.stale) === lostItsLock ? [] : [`the stale runner ended with ${exitOf(pair.stale)}`]),
    ...(ends.at(-1)?.exitCode === 0 ? [] : [`the one that took over ended with ${exitOf(pair.next)}`]),
    ...late.map((write) => `stopped at ${new Date(pair.stoppedAt).toISOString()}, woken at ${new Date(pair.wokenAt).toISOString()}, the stale runner wrote: ${describeWrite(write)}`),
  ];
}

function story(runs: readonly ChaosRun[]): string {
  return runs.map((run) => `  ${run.identity}\n${run.tail()}`).join('\n');
}

