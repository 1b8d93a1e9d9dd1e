// Somebody else changes a managed name between plan and swap: it must be seen, and left as he wrote it. Two standing releases and
// rollbacks between them make it cheap; every fifth run is a rebuild.

import { setTimeout } from 'node:timers/promises';
import type { ChaosEnvironment } from '../support/environment.ts';
import { sideBySide, type Phase } from '../support/rounds.ts';
import type { ChaosRun } from '../support/run.ts';

export function thirdParty(phase: Phase): Promise<void> {
  return sideBySide(phase, { prefix: 'third', layer: { deleteExisting: false }, prepare: twoReleases, round: (environment) => round(environment, phase) });
}

async function twoReleases(environment: ChaosEnvironment): Promise<ChaosEnvironment> {
  await environment.succeed('rebuild');
  await environment.succeed('rebuild');
  environment.watch();
  return environment;
}

interface Edit {
  readonly name: string;
  /** Of the range for documentation (RFC 5737): nobody has it. */
  readonly foreign: string;
  /** What the names answered before, in their order. */
  readonly before: readonly string[];
}

let edits = 0;

/** One edit, and what the public saw of the other names meanwhile. */
async function round(environment: ChaosEnvironment, phase: Phase): Promise<number> {
  const done = await editRound(environment, phase);
  const seen = environment.stage.public.problems(environment.world.names);
  if (seen.length > 0) phase.tally.violation(`${environment.name}, seen by the public:\n    ${seen.join('\n    ')}`);
  return done;
}

/** Resolves to 0 when the edit came after the swap, which proves nothing. */
async function editRound(environment: ChaosEnvironment, { random, tally }: Phase): Promise<number> {
  const { names } = environment.world;
  const sinceMs = Date.now();
  edits += 1;
  const edit: Edit = { name: names[random.between(0, names.length - 1)] ?? '', foreign: `203.0.113.${edits % 254 + 1}`, before: await Promise.all(names.map((name) => answer(environment, name))) };
  const operation = random.next() < 0.2 ? 'rebuild' : 'rollback';
  const run = await environment.start(operation);
  await chosenMoment(run, random.next());
  if (run.isOver) throw new Error(`${operation} ended before anybody had edited anything\n${run.tail()}`);
  const { step } = run;
  // Its answer is the stranger's until it is put back; the public's is asked for at all others.
  environment.stage.public.remove(edit.name);
  await write(environment, edit.name, edit.foreign);
  const { exitCode } = await run.ended;
  if (exitCode === 75) {
    tally.count('runs that lost their lock because the machine was too busy, and count for nothing');
    // What it left half done is ended first; then all names are as they were.
    await environment.finish(await environment.start(operation), operation);
    for (const [index, name] of names.entries()) await putBack(environment, name, edit.before[index]);
    return 0;
  }
  await environment.stage.trails.refresh();
  const changes = environment.stage.trails.updatesOf([edit.name], sinceMs);
  const moved = changes.findIndex(({ address }) => address !== edit.foreign);
  if (moved === 0) {
    tally.count('edits that came after the swap, and count for nothing');
    // Back among the others: the run left them at the new release, or led them back to the one before.
    await putBack(environment, edit.name, (await isMoved(environment, edit)) ? changes[0]?.address : beforeOf(environment, edit));
    return 0;
  }
  tally.count('edits');
  tally.count(`of them in ${step} of a ${operation}`);
  const problems = [...(await undisturbed(environment, edit)), ...detection(run, edit.name, exitCode), ...(moved < 0 ? [] : [`it was overwritten with ${changes[moved]?.address}`])];
  if (problems.length === 0) tally.count('detected, and left as they were');
  else tally.violation(`${environment.name}: ${edit.name} was given ${edit.foreign} during a ${operation}:\n    ${problems.join('\n    ')}\n${run.tail()}`);
  if (exitCode === 4) tally.count('of them with a human asked to look, as the first zone had been changed');
  await putBack(environment, edit.name, beforeOf(environment, edit));
  tally.say(`${environment.name}: ${operation}, edited in ${step}: ${problems.length === 0 ? 'detected' : 'NOT well'}; ${tally.of('edits')}`);
  return 1;
}

/** As soon as both servers say so, the public is asked there, too. */
async function putBack(environment: ChaosEnvironment, name: string, address = ''): Promise<void> {
  const { stage, world } = environment;
  await write(environment, name, address);
  const isServed = async (): Promise<boolean> => (await Promise.all((['primary', 'secondary'] as const).map((server) => world.dig(name, server)))).every((answers) => answers.join() === address);
  for (const until = Date.now() + 10_000; !(await isServed()); await setTimeout(50)) if (Date.now() > until) throw new Error(`${name} is not served as ${address} by both servers`);
  stage.public.add(name, environment.name);
}

async function isMoved(environment: ChaosEnvironment, { name: edited, before }: Edit): Promise<boolean> {
  const others = environment.world.names.flatMap((name, index) => (name === edited ? [] : [{ name, value: before[index] }]));
  const answers = await Promise.all(others.map(async ({ name, value }) => (await answer(environment, name)) !== value));
  return answers.every(Boolean);
}

function beforeOf({ world }: ChaosEnvironment, { name, before }: Edit): string | undefined {
  return before[world.names.indexOf(name)];
}

/** At the swap's own beginning, where it is closest, or at any time since the plan was made. */
async function chosenMoment(run: ChaosRun, chance: number): Promise<void> {
  const isSwap = chance < 0.3;
  await run.until(({ type, step }) => (isSwap ? type === 'stepStarted' && step === 'swapNames' : type === 'runStarted'));
  if (!isSwap) await Promise.race([run.pause((chance - 0.3) * 2_500), run.until(({ type, step }) => type === 'stepStarted' && step === 'verifyRelease')]);
}

/** Before anything is written it is a guard that does not hold; later it is a conflict. Either names what was found changed. */
function detection(run: ChaosRun, edited: string, exitCode: number | undefined): readonly string[] {
  const failure = run.events.findLast(({ type }) => type === 'stepFailed')?.failure;
  const said = failure === undefined ? 'nothing' : [`${failure.code}: ${failure.facts.summary}`, ...(failure.facts.details ?? [])].join('; ');
  const isToldSo = (failure?.code === 'SwapConflict' || failure?.code === 'GuardFailed') && said.includes(edited.replace(/\.$/, ''));
  return [...(exitCode === 0 ? ['the run ended well'] : []), ...(isToldSo ? [] : [`what it said was ${said}`])];
}

/** On both servers the edited name is as it was edited, and the others are as they were. */
async function undisturbed({ world }: ChaosEnvironment, { name: edited, foreign, before }: Edit): Promise<readonly string[]> {
  const wanted = world.names.flatMap((name, index) => (['primary', 'secondary'] as const).map((server) => ({ name, server, value: name === edited ? foreign : before[index] })));
  const looks = await Promise.all(wanted.map(async (want) => ({ ...want, now: (await world.dig(want.name, want.server)).join() })));
  return looks.filter(({ now, value }) => now !== value).map(({ name, server, now, value }) => `${name} at the ${server} is ${now || 'nothing'}, not ${value}`);
}

async function answer({ world }: ChaosEnvironment, name: string): Promise<string> {
  return (await world.dig(name)).join();
}

async function write({ world }: ChaosEnvironment, name: string, address: string): Promise<void> {
  const zone = name.endsWith('.second.test.') ? 'second.test' : 'example.test';
  await world.nsupdate(`zone ${zone}`, `update delete ${name} A`, `update add ${name} 5 A ${address}`);
}
