// Records as this version writes them: of every operation, ended in every way and died in every step.

import { environmentWith, production, type CommandOptions, type Production } from '../../sim/production.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { RunRecord } from '../../src/run/record.ts';
import type { Intent } from '../../src/session/intend.ts';

const keeping = environmentWith({ deleteExisting: false });

export const stepsToDieIn = ['installRelease', 'waitUntilReady', 'loadData', 'verifyRelease', 'swapNames', 'drainPrevious', 'retirePrevious'] as const;

/** Dies so many milliseconds after the event. */
export function dyingAt(type: RunEvent['type'], step: string, afterMs = 30): (made: Production) => Pick<CommandOptions, 'onEvent'> {
  return ({ world }) => ({
    onEvent: (event, process) => {
      if (event.type === type && 'step' in event && event.step === step) world.clock.after(afterMs, () => process.kill());
    },
  });
}

async function latest({ records }: Production): Promise<RunRecord> {
  const record = (await records()).at(-1);
  if (record === undefined) throw new Error('nothing was recorded');
  return record;
}

async function afterAll(made: Production, commands: readonly (readonly [Intent, CommandOptions])[]): Promise<RunRecord> {
  for (const [intent, options] of commands) await made.command(intent, options);
  return latest(made);
}

/** A production on its second rebuild, which dies in the step. */
export async function diedIn(step: string): Promise<Production> {
  const made = await production();
  await afterAll(made, [[{ operation: 'rebuild' }, {}], [{ operation: 'rebuild' }, dyingAt('stepStarted', step)(made)]]);
  return made;
}

async function failing(): Promise<Production> {
  const made = await production();
  await made.command();
  made.world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
  return made;
}

async function interrupted(): Promise<RunRecord> {
  const made = await production();
  const stop = new AbortController();
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'loadData') stop.abort(new Error('SIGTERM'));
  };
  return afterAll(made, [[{ operation: 'rebuild' }, {}], [{ operation: 'rebuild' }, { stop: stop.signal, onEvent }]]);
}

async function restored(made: Production): Promise<RunRecord> {
  const rebuilds: [Intent, CommandOptions][] = [[{ operation: 'rebuild' }, { environment: keeping }], [{ operation: 'rebuild' }, { environment: keeping, ...dyingAt('stepStarted', 'drainPrevious', 100)(made) }]];
  return afterAll(made, [...rebuilds, [{ operation: 'rollback' }, { environment: keeping }]]);
}

const rebuildTwice: readonly (readonly [Intent, CommandOptions])[] = [[{ operation: 'rebuild' }, { environment: keeping }], [{ operation: 'rebuild' }, { environment: keeping }]];

/** By a name that tells what became of the run. */
export async function writtenRecords(): Promise<ReadonlyMap<string, RunRecord>> {
  const died = stepsToDieIn.map(async (step) => [`rebuild-died-in-${step}`, await latest(await diedIn(step))] as const);
  const failed = await failing();
  const others = [
    ['rebuild-first-succeeded', await afterAll(await production(), [[{ operation: 'rebuild' }, {}]])],
    ['rebuild-succeeded', await afterAll(await production(), [[{ operation: 'rebuild' }, {}], [{ operation: 'rebuild' }, {}]])],
    ['rebuild-installed-succeeded', await afterAll(await production({ installed: 'pod' }), [[{ operation: 'rebuild' }, {}]])],
    ['rebuild-failed', await afterAll(failed, [[{ operation: 'rebuild' }, {}]])],
    ['rebuild-died-while-undone', await afterAll(failed, [[{ operation: 'rebuild' }, dyingAt('undoStarted', 'installRelease')(failed)]])],
    ['rebuild-interrupted', await interrupted()],
    ['rebuild-restored', await restored(await production())],
    ['rollback-succeeded', await afterAll(await production(), [...rebuildTwice, [{ operation: 'rollback' }, { environment: keeping }]])],
    ['rehearse-succeeded', await afterAll(await production(), [...rebuildTwice, [{ operation: 'rehearse' }, { environment: keeping }]])],
    ['prune-succeeded', await afterAll(await production(), [...rebuildTwice, [{ operation: 'prune', older: true }, { environment: keeping }]])],
  ] as const;
  return new Map([...(await Promise.all(died)), ...others]);
}
