// Helm is killed (SIGKILL) while it installs and while it uninstalls, alone or together with the runner, and nobody lends a hand. The
// program upgrades no release, so that there is no third verb.

import { setTimeout } from 'node:timers/promises';
import { problemsAfter } from '../support/environment.ts';
import { helmOf, isHelm, type HelmVerb } from '../support/helm-processes.ts';
import { percentile } from '../support/percentile.ts';
import { live, sideBySide, type Phase, type Place } from '../support/rounds.ts';
import { send, type ChaosRun } from '../support/run.ts';
import { firstWrite } from '../support/writes.ts';

const goalMs = 10_000;
const recovery = `recovered, from the takeover (or from the death of Helm alone) on (goal: ≤ ${goalMs / 1_000} s)`;

export async function helm(phase: Phase): Promise<void> {
  await sideBySide(phase, { prefix: 'helm', prepare: live(), round: (place) => round(place, phase) });
  const { tally } = phase;
  if (percentile(tally.timesOf(recovery), 1) > goalMs) tally.violation('a recovery took too long');
}

interface Struck {
  readonly verb: HelmVerb;
  readonly whom: 'alone' | 'withRunner';
  readonly at: number;
}

/** One rebuild in which Helm dies while it installs, sometimes while it throws that away, and while it removes the old release. */
async function round(place: Place, phase: Phase): Promise<number> {
  const { environment, clean } = place;
  const { tally, random } = phase;
  const sinceMs = Date.now();
  const before = await environment.onlyRelease();
  const verbs: readonly HelmVerb[] = ['install', ...(random.next() < 0.3 ? (['uninstall'] as const) : []), 'uninstall'];
  const runs = [await environment.start('rebuild')];
  let struckCount = 0;
  for (const verb of verbs) {
    const run = runs.at(-1);
    if (run === undefined) break;
    const struck = await strike(run, verb, { place, phase });
    if (struck !== undefined) struckCount += 1;
    const next = await recovered(run, struck, { place, phase });
    if (next !== undefined) runs.push(next);
  }
  const exitCode = await lastEnd(runs, place);
  if (exitCode !== 0) tally.violation(`${environment.name}: the last run ended with ${exitCode}\n${story(runs)}`);
  const { problems } = await problemsAfter(environment, { identities: runs.map(({ identity }) => identity), sinceMs, environment: environment.name, before, after: await environment.onlyRelease() }, clean);
  if (problems.length > 0) tally.violation(`${environment.name}:\n    ${problems.join('\n    ')}\n${story(runs)}`);
  tally.say(`${environment.name}: ${struckCount} kills of Helm, ${problems.length === 0 ? 'all well' : 'NOT well'}; ${tally.of('kills')} of ${phase.rounds}`);
  return Math.max(1, struckCount);
}

/** How long Helm lives, as far as is known: it depends on what else the machine does. */
const lifeMs: Record<HelmVerb, number> = { install: 1_000, uninstall: 1_000 };

interface Scene {
  readonly place: Place;
  readonly phase: Phase;
}

/** Undefined when there was no such Helm, or when it had ended before the chosen moment. */
async function strike(run: ChaosRun, verb: HelmVerb, { phase: { random, tally } }: Scene): Promise<Struck | undefined> {
  const pid = await helmOf(run, verb);
  if (pid === undefined) return undefined;
  await setTimeout(random.next() * lifeMs[verb]);
  if (!isHelm(pid, verb)) {
    lifeMs[verb] *= 0.8;
    tally.count('came too late: that Helm had ended');
    return undefined;
  }
  lifeMs[verb] *= 1.1;
  const whom = random.next() < 0.5 ? 'alone' : 'withRunner';
  const at = Date.now();
  if (whom === 'withRunner') run.signal('SIGKILL', 'tree');
  else send(pid, 'SIGKILL');
  tally.count('kills');
  tally.count(`of them in ${verb}${whom === 'alone' ? ', Helm alone' : ', together with the runner'}`);
  return { verb, whom, at };
}

/** Waits until what was struck is in order again. Resolves to the run that does what is left, when it is another one. */
async function recovered(run: ChaosRun, struck: Struck | undefined, { place: { environment }, phase: { tally } }: Scene): Promise<ChaosRun | undefined> {
  if (struck === undefined) return undefined;
  if (struck.whom === 'alone') return recoveredAlone(run, struck, { environment, tally });
  await run.ended;
  const next = await environment.start('rebuild');
  const end = await next.until((event) => isRecovered(event.type, event.step, struck));
  const write = firstWrite(await environment.requestsOf([next.identity]));
  if (end === undefined || write === undefined) tally.violation(`${environment.name}: not recovered after Helm was killed in ${struck.verb}\n${story([run, next])}`);
  else tally.time(recovery, Math.max(0, Date.parse(end.time) - write.receivedAt));
  return next;
}

type Alone = Pick<Scene['place'], 'environment'> & Pick<Scene['phase'], 'tally'>;

/** The runner lives: it either repeats what Helm did not end, or fails in order, and then the next run begins anew. */
async function recoveredAlone(run: ChaosRun, struck: Struck, { environment, tally }: Alone): Promise<ChaosRun | undefined> {
  const end = await run.until(({ type, step, time }) => Date.parse(time) >= struck.at && (isRecovered(type, step, struck) || type === 'runEnded'));
  if (end === undefined) tally.violation(`${environment.name}: ended without an end after Helm alone was killed in ${struck.verb}\n${story([run])}`);
  else tally.time(recovery, Date.parse(end.time) - struck.at);
  if (end?.type === 'stepDone') return undefined;
  const { exitCode } = await run.ended;
  if (exitCode === 0) return undefined;
  tally.count('runs that failed in order because Helm alone had died');
  if (exitCode !== 1) tally.violation(`${environment.name}: ended with ${exitCode} after Helm alone was killed in ${struck.verb}\n${story([run])}`);
  return environment.start('rebuild');
}

function isRecovered(type: string | undefined, step: string | undefined, { verb }: Struck): boolean {
  const ended = type === 'stepDone' || type === 'undoDone';
  return ended && (verb === 'install' ? step === 'installRelease' : step === 'installRelease' || step === 'removeLeftovers' || step === 'retirePrevious');
}

async function lastEnd(runs: ChaosRun[], { environment }: Place): Promise<number | undefined> {
  const last = runs.pop();
  if (last !== undefined) runs.push(...(await environment.finish(last)));
  const end = await runs.at(-1)?.ended;
  if (end?.exitCode !== 4) return end?.exitCode;
  // The public is on the new release, and the old one could not be removed: the next run does it.
  runs.push(...(await environment.finish(await environment.start('rebuild'))));
  return (await runs.at(-1)?.ended)?.exitCode;
}

function story(runs: readonly ChaosRun[]): string {
  return runs.map((run) => `  ${run.identity}\n${run.tail()}`).join('\n');
}

