// A run that is cancelled while it goes on, is dead, or has ended: what stays, what is said, and that no later run is harmed.

import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import { cancelRun, type Cancelled } from '../../src/session/cancel.ts';
import { killAt } from '../../sim/faults.ts';
import { environmentWith, production, type CommandOptions, type Production } from '../../sim/production.ts';

/** The lock is renewed every second: then a request is seen before the next step is over. */
const renewing = { runner: { leaseDuration: '3s' } };

/** Loading takes so long that a request is seen before the names move. */
async function slowProduction(): Promise<Production> {
  const made = await production();
  await made.command();
  made.world.cluster.behaviours.set('Job/loader', { afterMs: 20_000 });
  return made;
}

/** The command in a process of its own; undefined when that process was killed. */
async function cancel({ world }: Production, { wait = true, events = [] as RunEvent[], said = [] as string[], holder = 'operator/1' } = {}): Promise<Cancelled | undefined> {
  const process = world.start();
  const { drivers, clock } = process;
  const report = (event: RunEvent): void => void events.push(event);
  const cancelled = cancelRun(
    { environment: environmentWith(), drivers, clock, stop: new AbortController().signal, report, say: (line) => said.push(line), identities: { suffix: () => 'unused', holder } },
    { wait },
  );
  return Promise.race([cancelled, process.died.then(() => undefined)]);
}

/** A second rebuild that is cancelled a moment after this step has begun; what became of it, and what cancelling said. */
async function cancelledIn(step: string, more: CommandOptions & { readonly said?: string[]; readonly events?: RunEvent[] } = {}) {
  const made = await slowProduction();
  let cancelling: Promise<Cancelled | undefined> | undefined;
  const performed = await made.command({ operation: 'rebuild' }, {
    environment: environmentWith(renewing),
    ...more,
    onEvent: (event) => {
      if (event.type === 'stepStarted' && event.step === step) cancelling ??= cancel(made, more);
    },
  });
  return { ...made, performed, cancelled: await cancelling };
}

describe('a run that is going on', () => {
  test.each(['checkPreconditions', 'installRelease', 'waitUntilReady', 'loadData'])('cancelled in %s: nothing has changed and nothing is left', async (step) => {
    const { performed, cancelled, releases, publicReleases, observer, records } = await cancelledIn(step);
    expect(performed).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'Cancelled' } });
    expect(cancelled).toMatchObject({ kind: 'over', record: { failure: { code: 'Cancelled' } } });
    expect(releases()).toEqual(['prod-r0001']);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect((await records()).at(-1)).toMatchObject({ outcome: 'failed', failure: { code: 'Cancelled' } });
    expect(observer.violations).toEqual([]);
  });

  test('cancelled while the public moves over: the names go back, exit 3', async () => {
    const { performed, releases, publicReleases, observer } = await cancelledIn('drainPrevious');
    expect(performed).toMatchObject({ outcome: 'restored', exitCode: 3, failure: { code: 'Cancelled' } });
    expect(releases()).toEqual(['prod-r0001']);
    expect(publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(observer.violations).toEqual([]);
  });

  test('is not kept for a look, although a failed one would be', async () => {
    const environment = environmentWith({ ...renewing, release: { chart: { path: '/chart' }, onFailure: 'keep' } });
    const { performed, releases } = await cancelledIn('loadData', { environment });
    expect(performed).toMatchObject({ failure: { code: 'Cancelled' } });
    expect(releases()).toEqual(['prod-r0001']);
  });

  test('whose previous release is already being removed is completed, and that is said', async () => {
    const said: string[] = [];
    const { performed, cancelled, releases, publicReleases } = await cancelledIn('retirePrevious', { said });
    expect(performed).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(cancelled).toMatchObject({ kind: 'over', record: { outcome: 'succeeded' } });
    expect(said.join('\n')).toContain('past the point of no return');
    expect(releases()).toEqual(['prod-r0002']);
    expect(publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('is shown while it is unwound, step by step, to whoever cancels', async () => {
    const events: RunEvent[] = [];
    await cancelledIn('loadData', { events });
    const told = events.map((event) => ('step' in event && event.step !== undefined ? `${event.type} ${event.step}` : event.type));
    expect(told[0]).toBe('runStarted');
    expect(told).toEqual(expect.arrayContaining(['stepFailed loadData', 'undoDone installRelease']));
    expect(told.at(-1)).toBe('runEnded');
  });

  test('cancelled without waiting: the request is heard all the same', async () => {
    const made = await slowProduction();
    let asked: Promise<Cancelled | undefined> | undefined;
    const performed = await made.command({ operation: 'rebuild' }, {
      environment: environmentWith(renewing),
      onEvent: (event) => {
        if (event.type === 'stepStarted' && event.step === 'loadData') asked ??= cancel(made, { wait: false });
      },
    });
    expect(await asked).toMatchObject({ kind: 'asked' });
    expect(performed).toMatchObject({ failure: { code: 'Cancelled' } });
  });
});

describe('nobody who works on it', () => {
  test('nothing is running: nothing is written', async () => {
    const made = await production();
    await made.command();
    const from = made.world.requests.length;
    expect(await cancel(made)).toEqual({ kind: 'nothing' });
    expect(made.world.requests.slice(from).filter(({ writes }) => writes)).toEqual([]);
  });

  test('a runner that died: whoever cancels waits until that is certain, takes the lock, and unwinds', async () => {
    const made = await production();
    await made.command();
    await made.command({ operation: 'rebuild' }, {
      onEvent: (event, process) => {
        if (event.type === 'stepStarted' && event.step === 'loadData') process.kill();
      },
    });
    const from = made.world.clock.now();
    expect(await cancel(made)).toMatchObject({ kind: 'over', record: { outcome: 'failed', failure: { code: 'Cancelled' } } });
    expect(made.world.clock.now() - from).toBeGreaterThanOrEqual(30_000);
    expect(made.releases()).toEqual(['prod-r0001']);
    expect(made.observer.violations).toEqual([]);
  });

  test('a run that was stopped and waits to be resumed is unwound at once', async () => {
    const made = await production();
    const stop = new AbortController();
    await made.command({ operation: 'rebuild' }, { stop: stop.signal, onEvent: (event) => event.type === 'stepStarted' && event.step === 'loadData' && stop.abort(new Error('SIGTERM')) });
    expect(await cancel(made)).toMatchObject({ kind: 'over', record: { failure: { code: 'Cancelled' } } });
    expect(made.releases()).toEqual([]);
  });
});

test('a request that came for an earlier run does not harm the next one', async () => {
  const made = await cancelledIn('loadData');
  expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(made.releases()).toHaveLength(1);
  expect((await made.records()).at(-1)).toMatchObject({ outcome: 'succeeded' });
});

describe('a pod of the same Job that replaces a lost one', () => {
  const pod = (name: string): CommandOptions => ({ holder: `changeover-prod-29384712-${name}/1` });

  test('does not begin anew what was cancelled after the first pod was lost', async () => {
    const made = await production();
    await made.command();
    await made.command({ operation: 'rebuild' }, { ...pod('aaaaa'), onEvent: (event, process) => event.type === 'stepStarted' && event.step === 'loadData' && process.kill() });
    await cancel(made);
    expect(await made.command({ operation: 'rebuild' }, pod('bbbbb'))).toMatchObject({ exitCode: 1, failure: { code: 'Cancelled' } });
    expect(made.releases()).toEqual(['prod-r0001']);
    expect(await made.command({ operation: 'rebuild' }, { holder: 'changeover-prod-29384713-ccccc/1' })).toMatchObject({ outcome: 'succeeded' });
  });

  test('ends with 3 when the public had to be led back for it', async () => {
    const made = await production();
    await made.command();
    await made.command({ operation: 'rebuild' }, { ...pod('aaaaa'), onEvent: (event, process) => event.type === 'stepStarted' && event.step === 'drainPrevious' && process.kill() });
    await cancel(made);
    expect(await made.command({ operation: 'rebuild' }, pod('bbbbb'))).toMatchObject({ outcome: 'restored', exitCode: 3, failure: { code: 'Cancelled' } });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  test('completes an unwinding that the first pod had begun, and ends like it', async () => {
    const made = await slowProduction();
    let cancelling: Promise<Cancelled | undefined> | undefined;
    await made.command({ operation: 'rebuild' }, {
      environment: environmentWith(renewing),
      ...pod('aaaaa'),
      onEvent: (event, process) => {
        if (event.type === 'stepStarted' && event.step === 'loadData') cancelling ??= cancel(made, { wait: false });
        if (event.type === 'undoStarted') process.kill();
      },
    });
    await cancelling;
    expect(await made.command({ operation: 'rebuild' }, pod('bbbbb'))).toMatchObject({ exitCode: 1, failure: { code: 'Cancelled' } });
    expect(made.releases()).toEqual(['prod-r0001']);
  });
});

describe('killed at any request of its unwinding, after it was cancelled', () => {
  test.each(Array.from({ length: 20 }, (_, index) => index * 4))('%i requests after the request was seen: the next run ends well', async (later) => {
    const made = await production();
    await made.command();
    let cancelling: Promise<Cancelled | undefined> | undefined;
    const killed = await made.command({ operation: 'rebuild' }, {
      environment: environmentWith(renewing),
      onEvent: (event) => {
        if (event.type === 'stepStarted' && event.step === 'drainPrevious') {
          cancelling ??= cancel(made, { wait: false });
          void cancelling.then(() => (made.world.faults = killAt(made.world.requests.length + later, later % 8 === 0 ? 'kill' : 'killAfter')));
        }
      },
    });
    await cancelling;
    expect(killed).toBeUndefined();
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(made.releases()).toHaveLength(1);
    expect(made.publicReleases()).toEqual([made.releases()[0], made.releases()[0]]);
    expect(made.observer.violations).toEqual([]);
  });
});

describe('whoever cancels is killed while unwinding for a dead runner', () => {
  const deaths = Array.from({ length: 16 }, (_, index) => ({ write: index + 1, fault: index % 2 === 0 ? ('kill' as const) : ('killAfter' as const) }));
  test.each(deaths)('$fault at its write number $write: cancelled once more, nothing is left', async ({ write, fault }) => {
    const made = await production();
    await made.command();
    await made.command({ operation: 'rebuild' }, { onEvent: (event, process) => event.type === 'stepStarted' && event.step === 'drainPrevious' && process.kill() });
    let written = 0;
    made.world.faults = ({ process, writes }) => (process === 3 && writes && (written += 1) === write ? fault : undefined);
    expect(await cancel(made)).toBeUndefined();
    await cancel(made, { holder: 'operator/2' });
    expect(made.releases()).toEqual(['prod-r0001']);
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect((await made.records()).at(-1)).toMatchObject({ outcome: 'restored', failure: { code: 'Cancelled' } });
    expect(made.observer.violations).toEqual([]);
  });
});
