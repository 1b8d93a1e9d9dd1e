// What was asked for once is done once: also when the lock ran out under the run that does it, or its end was written and not heard of.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { cancelRun } from '../../src/session/cancel.ts';

const keep = environmentWith({ deleteExisting: false });
const asleep = failing(/^helm\.uninstall/, { fault: 'stopBefore', ms: 120_000 });

const ends = async (made: Production): Promise<readonly string[]> => (await made.records()).map(({ operation, outcome }) => `${operation} ${outcome}`);
const isDone = (event: RunEvent, step: string): boolean => (event.type === 'stepDone' || event.type === 'stepSkipped') && event.step === step;

/** Two releases have served; the third rebuild has moved the public to the third and dies. */
async function diedInTheDrain(): Promise<Production> {
  const made = await production({}, { environment: keep });
  await made.command();
  await made.command();
  let hasDied = false;
  await made.command({ operation: 'rebuild' }, {
    onEvent: (event, process) => {
      if (hasDied || event.type !== 'stepStarted' || event.step !== 'drainPrevious') return;
      hasDied = true;
      process.kill();
    },
  });
  expect(made.publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
  return made;
}

/** The last write of a run's record is stored; its answer, and all else to and from the API server, is lost for 45 s. */
function partitioned(made: Production, step: string): (event: RunEvent) => void {
  let state: 'before' | 'armed' | 'struck' = 'before';
  let from = Infinity;
  made.world.faults = (request) => {
    if (state === 'armed' && request.text.startsWith('cluster.replace configmaps')) {
      state = 'struck';
      from = request.at;
      return { fault: 'answerSwallowed', ms: 10_000 };
    }
    return request.driver === 'cluster' && request.at >= from && request.at < from + 45_000 ? { fault: 'swallowed', ms: 10_000 } : undefined;
  };
  return (event) => {
    if (state === 'before' && isDone(event, step)) state = 'armed';
  };
}

describe('a run under which the lock ran out', () => {
  test('is known again as the answer: a rollback whose machine sleeps while it removes the candidate leads no further', async () => {
    const made = await diedInTheDrain();
    made.world.faults = asleep;
    expect(await made.command({ operation: 'rollback' })).toMatchObject({ outcome: 'restored', exitCode: 3, failure: { code: 'TakenBack' } });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect(await ends(made)).toEqual(['rebuild succeeded', 'rebuild succeeded', 'rebuild restored']);
  });

  test('and was cancelled does not begin anew', async () => {
    const made = await production();
    await made.command();
    made.world.cluster.behaviours.set('Job/loader', { afterMs: 30_000 });
    made.world.faults = asleep;
    let cancelled: Promise<unknown> | undefined;
    const end = await made.command({ operation: 'rebuild' }, {
      onEvent: (event) => {
        if (event.type === 'stepStarted' && event.step === 'loadData') cancelled ??= made.session({ operation: 'cancel', act: (session) => cancelRun(session, { wait: false }) });
      },
    });
    await cancelled;
    expect(end).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'Cancelled' } });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(await ends(made)).toEqual(['rebuild succeeded', 'rebuild failed']);
  });

  test.each([['rebuild', 'retirePrevious', 'prod-r0004'], ['rollback', 'drainPrevious', 'prod-r0002']] as const)('and whose end was stored, and not heard of, is not done a second time: %s', async (operation, last, release) => {
    const made = await production({}, { environment: keep });
    for (let run = 0; run < 3; run += 1) await made.command();
    const end = await made.command({ operation }, { onEvent: partitioned(made, last) });
    expect(end).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect((await ends(made)).slice(3)).toEqual([`${operation} succeeded`]);
    expect(made.publicReleases()).toEqual([release, release]);
  });
});

describe('a rollback that takes a run back', () => {
  test('and is held up when the names are back leads no further when it is asked for again', async () => {
    const made = await diedInTheDrain();
    let from = Infinity;
    made.world.faults = (request) => (request.driver === 'cluster' && request.at >= from && request.at < from + 20_000 ? 'errorBefore' : undefined);
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'undoDone' && event.step === 'swapNames') from = made.world.clock.now() + 1;
    };
    expect(await made.command({ operation: 'rollback' }, { onEvent })).toMatchObject({ outcome: 'interrupted', exitCode: 75 });
    made.world.faults = () => undefined;
    await made.world.clock.sleep(60_000);
    expect(await made.command({ operation: 'rollback' })).toMatchObject({ outcome: 'restored', exitCode: 3 });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('ends with the same exit code when a second process completes it', async () => {
    const made = await production({}, { environment: keep });
    await made.command();
    await made.command();
    made.world.faults = failing(/^dns\.change second-org/, 'killAfter');
    await made.command({ operation: 'rebuild' });
    made.world.faults = () => undefined;
    await made.command({ operation: 'rollback' }, { onEvent: (event, process) => void (event.type === 'undoStarted' && event.step === 'swapNames' && process.kill()) });
    expect(await made.command({ operation: 'rollback' })).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'TakenBack' } });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });
});
