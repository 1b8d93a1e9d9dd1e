// Helm is killed (SIGKILL) while it installs and while it uninstalls, alone or together with the runner, and while somebody upgrades the
// live release with it: the program upgrades none itself. Nobody lends a hand.

import { setTimeout } from 'node:timers/promises';
import { problemsAfter, type ChaosEnvironment, type Reference, type Together } from '../support/environment.ts';
import { helmOf, isHelm, revisionOf, startUpgrade, type HelmVerb } from '../support/helm-processes.ts';
import { percentile } from '../support/percentile.ts';
import { live, sideBySide, type Phase, type Place } from '../support/rounds.ts';
import { send, type ChaosRun } from '../support/run.ts';
import { firstWrite } from '../support/writes.ts';

const goalMs = 10_000;
const recovery = `recovered, from the takeover (or from the death of Helm alone) on (goal: ≤ ${goalMs / 1_000} s)`;
const failedInOrder = 'a run that failed in order, from the death of Helm alone to its end; the next one is timed as recovered';
const retired = `a release stuck in an upgrade, from the begin of its removal on (goal: ≤ ${goalMs / 1_000} s)`;

export async function helm(phase: Phase): Promise<void> {
  const { tally, random } = phase;
  const round = (place: Place): Promise<number> => (random.next() < 0.3 ? upgradeRound : rebuildRound)(place, phase);
  await sideBySide(phase, { prefix: 'helm', prepare: live(), round });
  if ([recovery, retired].some((name) => percentile(tally.timesOf(name), 1) > goalMs)) tally.violation('a recovery took too long');
}

interface Struck {
  readonly verb: Exclude<HelmVerb, 'upgrade'>;
  readonly whom: 'alone' | 'withRunner';
  readonly at: number;
}

/** One rebuild in which Helm dies while it installs, sometimes while it throws that away, and while it removes the old release. */
async function rebuildRound(place: Place, phase: Phase): Promise<number> {
  const { random } = phase;
  const begin = await beginOf(place);
  const { environment } = place;
  const verbs: readonly Struck['verb'][] = ['install', ...(random.next() < 0.3 ? (['uninstall'] as const) : []), 'uninstall'];
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
  await expectWell(runs, begin, { place, phase });
  return told(struckCount, { place, phase });
}

/** Somebody upgrades the live release by hand, and his Helm dies of it; the next rebuild replaces what Helm itself would upgrade no more. */
async function upgradeRound(place: Place, phase: Phase): Promise<number> {
  const begin = await beginOf(place);
  const { environment } = place;
  const upgrade = startUpgrade(environment, begin.before);
  const wasKilled = (await killInTime({ pid: upgrade.pid, verb: 'upgrade', kill: () => send(upgrade.pid, 'SIGKILL') }, phase)) !== undefined;
  await upgrade.ended;
  const revision = await revisionOf(environment, begin.before);
  if (wasKilled) phase.tally.count(`of them in upgrade, which left the release ${revision.status}, as revision ${revision.number}`);
  const run = await environment.start('rebuild');
  const [from, to] = await Promise.all((['stepStarted', 'stepDone'] as const).map((type) => run.until((event) => event.type === type && event.step === 'retirePrevious')));
  if (wasKilled && from !== undefined && to !== undefined) phase.tally.time(retired, Date.parse(to.time) - Date.parse(from.time));
  await expectWell([run], begin, { place: { ...place, clean: withRevisions(revision.number, place.clean) }, phase });
  return told(wasKilled ? 1 : 0, { place, phase });
}

/** Helm keeps each revision, and removes all of them. */
function withRevisions(count: number, { effects, ...clean }: Reference): Reference {
  const more = Array.from({ length: count - 1 }, (_, index) => `delete secrets sh.helm.release.v1.RELEASE.v${index + 2}`);
  return { ...clean, effects: { ...effects, deletes: [...effects.deletes, ...more] } };
}

type Begin = Pick<Together, 'before' | 'sinceMs'>;

async function beginOf({ environment }: Place): Promise<Begin> {
  return { sinceMs: Date.now(), before: await environment.onlyRelease() };
}

async function expectWell(runs: ChaosRun[], begin: Begin, { place, phase: { tally } }: Scene): Promise<void> {
  const { environment, clean } = place;
  const exitCode = await lastEnd(runs, begin, { environment, tally });
  if (exitCode !== 0) tally.violation(`${environment.name}: the last run ended with ${exitCode}\n${story(runs)}`);
  const together = { ...begin, runs, environment: environment.name, after: await environment.onlyRelease() };
  const { problems } = await problemsAfter(environment, together, clean);
  if (problems.length > 0) tally.violation(`${environment.name}:\n    ${problems.join('\n    ')}\n${story(runs)}`);
}

function told(struckCount: number, { place: { environment }, phase: { tally, rounds } }: Scene): number {
  tally.say(`${environment.name}: ${struckCount} kills of Helm; ${tally.of('kills')} of ${rounds}`);
  return struckCount;
}

/** How long Helm lives, as far as is known: it depends on what else the machine does. */
const lifeMs: Record<HelmVerb, number> = { install: 1_000, uninstall: 1_000, upgrade: 2_500 };

interface Scene {
  readonly place: Place;
  readonly phase: Phase;
}

/** Undefined when there was no such Helm, or when it had ended before the chosen moment. */
async function strike(run: ChaosRun, verb: Struck['verb'], { phase }: Scene): Promise<Struck | undefined> {
  const pid = await helmOf(run, verb);
  if (pid === undefined) return undefined;
  const whom = phase.random.next() < 0.5 ? 'alone' : 'withRunner';
  const kill = (): unknown => (whom === 'withRunner' ? run.signal('SIGKILL', 'tree') : send(pid, 'SIGKILL'));
  const at = await killInTime({ pid, verb, kill }, phase);
  if (at === undefined) return undefined;
  phase.tally.count(`of them in ${verb}${whom === 'alone' ? ', Helm alone' : ', together with the runner'}`);
  return { verb, whom, at };
}

interface Victim {
  readonly pid: number;
  readonly verb: HelmVerb;
  readonly kill: () => unknown;
}

/** At a random moment of its life. Resolves to when that was; undefined when it came too late. */
async function killInTime({ pid, verb, kill }: Victim, { random, tally }: Phase): Promise<number | undefined> {
  await setTimeout(random.next() * lifeMs[verb]);
  if (!isHelm(pid, verb)) {
    lifeMs[verb] *= 0.8;
    tally.count('came too late: that Helm had ended');
    return undefined;
  }
  lifeMs[verb] *= 1.1;
  const at = Date.now();
  kill();
  tally.count('kills');
  return at;
}

/** Waits until what was struck is in order again. Resolves to the run that does what is left, when it is another one. */
async function recovered(run: ChaosRun, struck: Struck | undefined, { place: { environment }, phase: { tally } }: Scene): Promise<ChaosRun | undefined> {
  if (struck === undefined) return undefined;
  if (struck.whom === 'alone') return recoveredAlone(run, struck, { environment, tally });
  await run.ended;
  return recoveredByNext(run, struck, { environment, tally });
}

type Alone = Pick<Scene['place'], 'environment'> & Pick<Scene['phase'], 'tally'>;

async function recoveredByNext(run: ChaosRun, struck: Struck, { environment, tally }: Alone): Promise<ChaosRun> {
  const next = await environment.start('rebuild');
  const end = await next.until((event) => isRecovered(event.type, event.step, struck));
  const write = firstWrite(await environment.requestsOf([next.identity]));
  if (end === undefined || write === undefined) tally.violation(`${environment.name}: not recovered after Helm was killed in ${struck.verb}\n${story([run, next])}`);
  else tally.time(recovery, Math.max(0, Date.parse(end.time) - write.receivedAt));
  return next;
}

/** The runner lives: it repeats what Helm did not end, or takes it back and fails in order, or only fails: then the next run recovers. */
async function recoveredAlone(run: ChaosRun, struck: Struck, { environment, tally }: Alone): Promise<ChaosRun | undefined> {
  const end = await run.until(({ type, step, time }) => Date.parse(time) >= struck.at && (isRecovered(type, step, struck) || type === 'runEnded'));
  if (end === undefined) tally.violation(`${environment.name}: ended without an end after Helm alone was killed in ${struck.verb}\n${story([run])}`);
  else tally.time(end.type === 'runEnded' ? failedInOrder : recovery, Date.parse(end.time) - struck.at);
  if (end?.type === 'stepDone') return undefined;
  const { exitCode } = await run.ended;
  if (exitCode === 0) return undefined;
  tally.count('runs that failed in order because Helm alone had died');
  if (exitCode !== 1) tally.violation(`${environment.name}: ended with ${exitCode} after Helm alone was killed in ${struck.verb}\n${story([run])}`);
  return end?.type === 'undoDone' ? environment.start('rebuild') : recoveredByNext(run, struck, { environment, tally });
}

function isRecovered(type: string | undefined, step: string | undefined, { verb }: Struck): boolean {
  const ended = type === 'stepDone' || type === 'undoDone';
  return ended && (verb === 'install' ? step === 'installRelease' : step === 'installRelease' || step === 'removeLeftovers' || step === 'retirePrevious');
}

async function lastEnd(runs: ChaosRun[], { before }: Begin, { environment, tally }: Alone): Promise<number | undefined> {
  const last = runs.pop();
  if (last !== undefined) runs.push(...(await environment.finish(last)));
  const end = await runs.at(-1)?.ended;
  if (end?.exitCode !== 4 || !(await isOnlyRetiringLeft(runs.at(-1), before, environment))) return end?.exitCode;
  tally.count('runs that ended with 4, the public on the new release, and the old one left to the next run');
  runs.push(...(await environment.finish(await environment.start('rebuild'))));
  return (await runs.at(-1)?.ended)?.exitCode;
}

/** Both servers lead to the new release by every name, and what went wrong is the removal of the old one: the next run does it. */
async function isOnlyRetiringLeft(run: ChaosRun | undefined, before: string, environment: ChaosEnvironment): Promise<boolean> {
  const failure = run?.events.findLast(({ type }) => type === 'stepFailed')?.failure;
  const [made] = (await environment.world.releases()).filter((release) => release !== before);
  return failure?.code === 'RetireFailed' && made !== undefined && (await environment.answersProblems(made)).length === 0;
}

function story(runs: readonly ChaosRun[]): string {
  return runs.map((run) => `  ${run.identity}\n${run.tail()}`).join('\n');
}

