// The runner is killed (SIGKILL) in every step, alone or with all that it has started, and the next run is begun at once: sometimes to be
// killed as well. In the end everything is as after a run that nobody killed.

import type { AuditEvent } from '../../../bench/audit.ts';
import { operations } from '../../../src/operations/operations.ts';
import { makeLeftover } from '../../kubernetes/support/leftover.ts';
import { leaseMs, problemsAfter, type Command } from '../support/environment.ts';
import { percentile } from '../support/percentile.ts';
import { live, sideBySide, type Phase, type Place } from '../support/rounds.ts';
import type { ChaosRun } from '../support/run.ts';
import { firstWrite } from '../support/writes.ts';

/** In one chain; on the average about three. */
const mostKills = 5;
/** Of what an undisturbed run does not do: to remove what others left behind. */
const otherwiseMs = 5_000;
const takeoverGoalMs = leaseMs + 2_000;
const takeover = `takeover, from the kill to the next run's first write (goal: p95 ≤ ${takeoverGoalMs / 1_000} s)`;

export const kills = (phase: Phase): Promise<void> => killsOf('rebuild', phase);
export const rehearsals = (phase: Phase): Promise<void> => killsOf('rehearse', phase);
/** Between two releases, which stay. */
export const rollbacks = (phase: Phase): Promise<void> => killsOf('rollback', phase);

async function killsOf(command: Command, phase: Phase): Promise<void> {
  const layer = command === 'rollback' ? { deleteExisting: false } : {};
  await sideBySide(phase, { prefix: `kill-${command}`, layer, prepare: live(command), round: (place) => chain(place, command, phase) });
  const { tally } = phase;
  const times = tally.timesOf(takeover);
  // Of fewer than twenty it would be the worst, which is the machine's as often as ours: told, and not judged.
  if (times.length >= 20 && percentile(times, 0.95) > takeoverGoalMs) tally.violation('the takeover is too slow at p95');
  const steps = operations[command]?.steps ?? [];
  const spared = steps.map(({ name }) => name).filter((step) => tally.of(`of them in ${step}`) === 0);
  if (spared.length > 0) tally.say(`no kill in ${spared.join(', ')}`);
  if (spared.length > 0 && command === 'rebuild' && phase.isWhole && !phase.stop.aborted) tally.violation(`no run was killed in ${spared.join(', ')}: not over all steps`);
}

interface Link {
  readonly run: ChaosRun;
  /** Undefined when nobody killed it. */
  readonly killedAt: number | undefined;
}

/** It is done once, killed once or several times on its way. Resolves to how often. */
async function chain(place: Place, command: Command, phase: Phase): Promise<number> {
  const { environment, clean } = place;
  const { tally, random } = phase;
  const begun = await environment.begin(command);
  // Only then is there anything to do for the step that removes such.
  if (command !== 'rollback' && random.next() < 0.15) await makeLeftover(environment.world);
  const wanted = 1 + Math.min(mostKills - 1, Math.floor(Math.log(1 - random.next()) / Math.log(0.7)));
  const links: Link[] = [];
  for (;;) {
    const fresh = links.length > 0 && random.next() < 0.1;
    const run = await environment.start(command, { args: [...begun.args, ...(fresh ? ['--fresh'] : [])] });
    const killedAt = links.length < wanted ? await kill(run, place, phase) : undefined;
    const { exitCode } = await run.ended;
    links.push({ run, killedAt });
    if (exitCode === 75) tally.count('runs that lost their lock because the machine was too busy');
    if (killedAt !== undefined || exitCode === 75) continue;
    if (exitCode !== 0 && !isThereAlready(links, command, exitCode)) tally.violation(`${environment.name}: the run after ${links.length - 1} kills ended with ${exitCode}\n${story(links)}`);
    break;
  }
  const identities = links.map(({ run }) => run.identity);
  countTakeovers(links, await environment.requestsOf(identities), phase);
  const { problems, repeatedDeletes, thrownAway } = await problemsAfter(environment, { ...begun, runs: links.map(({ run }) => run), environment: environment.name, after: await environment.after(begun) }, clean);
  tally.count('deletions that were repeated on what was going already', repeatedDeletes);
  tally.count('candidates thrown away and made anew', Math.max(0, thrownAway));
  if (problems.length > 0) tally.violation(`${environment.name}:\n    ${problems.join('\n    ')}\n${story(links)}`);
  const killed = links.filter(({ killedAt }) => killedAt !== undefined);
  const count = killed.length;
  tally.say(`${environment.name}: ${count} kills (${killed.map(({ run }) => run.step).join(', ')}), ${problems.length === 0 ? 'all well' : 'NOT well'}; ${tally.of('kills')} of ${phase.rounds}`);
  return count;
}

/** Killed when it had done everything but to say so: the next one is refused, as there is nothing to lead back any more. */
function isThereAlready(links: readonly Link[], command: Command, exitCode: number | undefined): boolean {
  return command === 'rollback' && exitCode === 5 && links.at(-2)?.killedAt !== undefined;
}

/** In the step that was killed least so far, at a random moment of it. Undefined when it had ended before. */
async function kill(run: ChaosRun, { clean }: Place, { tally, random }: Phase): Promise<number | undefined> {
  const started = await run.until(({ type }) => type === 'runStarted');
  if (started === undefined) return undefined;
  const steps = (started.steps ?? []).filter(({ state }) => state !== 'done' && state !== 'skipped').map(({ name }) => name);
  const least = steps.toSorted((left, right) => tally.of(`of them in ${left}`) - tally.of(`of them in ${right}`));
  const [wanted = ''] = random.next() < 0.7 ? least : [least[random.between(0, least.length - 1)]];
  // A step may turn out to have nothing to do, and what is unwound is undone from its last step on: then any later one will do.
  const isPast = (step: string | undefined): boolean => steps.indexOf(step ?? '') >= steps.indexOf(wanted);
  const entered = await run.until(({ type, step }) => type === 'undoStarted' || (type === 'stepStarted' && isPast(step)));
  if (entered === undefined) return undefined;
  await run.pause(random.next() * (clean.durationsMs.get(entered.step ?? '') ?? otherwiseMs) * 1.1);
  if (run.isOver) return undefined;
  const whom = random.next() < 0.5 ? 'runner' : 'tree';
  const at = run.signal('SIGKILL', whom);
  const { exitCode } = await run.ended;
  if (exitCode !== undefined) return undefined;
  tally.count('kills');
  tally.count(`of them in ${run.step}`);
  tally.count(whom === 'runner' ? 'of them of the runner alone' : 'of them with all that it had started');
  return at;
}

function countTakeovers(links: readonly Link[], requests: readonly AuditEvent[], { tally }: Phase): void {
  for (const [index, { run, killedAt }] of links.entries()) {
    const next = links[index + 1];
    if (killedAt === undefined || next === undefined) continue;
    const began = next.run.events.find(({ type }) => type === 'runStarted');
    tally.count(began?.unwinding === true ? 'unwound by the next run' : began?.resumed === true ? 'resumed by the next run' : 'ended already, or not begun: a new run');
    const own = requests.filter(({ user }) => user === next.run.identity);
    const write = firstWrite(own);
    if (write === undefined) tally.count(`next runs that were killed before they wrote anything (after a kill in ${run.step})`);
    else tally.time(takeover, write.receivedAt - killedAt);
    if (own[0] !== undefined) tally.time('of it until its first request', own[0].receivedAt - killedAt);
  }
}

function story(links: readonly Link[]): string {
  return links.map(({ run, killedAt }) => `  ${run.identity}${killedAt === undefined ? '' : `, killed at ${new Date(killedAt).toISOString()}`}\n${run.tail()}`).join('\n');
}
