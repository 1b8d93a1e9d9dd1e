// A name server that does not answer, or a zone that refuses a change though nobody touched our names, while the names are on their way:
// the way back is gone however long that takes, within bounds; and whoever really changed a name is still believed.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { production, type Production } from '../../sim/production.ts';
import type { SimulatedRequest } from '../../sim/requests.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { RunEvent } from '../../src/run/events.ts';

const old = ['prod-r0001', 'prod-r0001'];
const refused = new DriverError({ reason: 'conflict', attempted: 'change of the zone', detail: '412 Precondition Failed' });

/** A production with a first release, and a rebuild whose candidate dies when the names have moved; this happens as it begins to put them back. */
async function takenBack(happens: (made: Production) => void): Promise<Production> {
  const made = await production();
  await made.command();
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'drainPrevious') made.world.sites.set('prod-r0002/ingress', { status: 503 });
    if (event.type === 'undoStarted' && event.step === 'swapNames') happens(made);
  };
  await made.command({ operation: 'rebuild' }, { onEvent });
  return made;
}

/** From now on, for so long, no request of this kind is answered. */
function silent(made: Production, text: RegExp, forMs: number): void {
  const until = made.world.clock.now() + forMs;
  made.world.faults = (request: SimulatedRequest) => (text.test(request.text) && request.at < until ? 'errorBefore' : undefined);
}

function ended({ commands }: Production): unknown {
  const last = commands.at(-1)?.ended;
  return last !== undefined && 'performed' in last ? last.performed : last;
}

function progress({ events }: Production): readonly (RunEvent & { type: 'stepProgress' })[] {
  return events.flatMap((event) => (event.type === 'stepProgress' && event.step === 'swapNames' ? [event] : []));
}

describe('on the way back', () => {
  test.each([
    ['zones cannot be read', /^dns\.(zone|read)/],
    ['one zone of two takes no change', /^dns\.change second-org/],
  ])('for five minutes %s: the public is on the old release all the same in the end, and no human is called', async (_title, text) => {
    const made = await takenBack((late) => silent(late, text, 300_000));
    expect(ended(made)).toMatchObject({ outcome: 'restored', exitCode: 3 });
    expect(made.publicReleases()).toEqual(old);
    expect(made.releases()).toEqual(['prod-r0001']);
  });

  test('it is told what is waited for, when it is tried again, and until when', async () => {
    const made = await takenBack((late) => silent(late, /^dns\.change second-org/, 60_000));
    const [told] = progress(made).filter(({ message }) => message.includes('held up'));
    expect(told?.message).toMatch(/^the names are held up; it is tried until \d\d:\d\d:\d\d UTC$/);
    expect(told?.awaited).toEqual([expect.stringMatching(/^dns\.change second-org.*; again in 0\.25 s$/)]);
    const until = Date.parse(`${new Date(told?.at ?? 0).toISOString().slice(0, 11)}${/\d\d:\d\d:\d\d/.exec(told?.message ?? '')?.[0]}Z`);
    expect(until - (told?.at ?? 0)).toBeGreaterThan(599_000);
    expect(until - (told?.at ?? 0)).toBeLessThanOrEqual(600_000);
  });

  test('a name server that never answers again is given up after ten minutes, and a human is called', async () => {
    let began = 0;
    const made = await takenBack((late) => {
      began = late.world.clock.now();
      silent(late, /^dns\.change second-org/, Infinity);
    });
    expect(ended(made)).toMatchObject({ outcome: 'needsHuman', exitCode: 4, failure: { code: 'UndoFailed' } });
    expect(made.world.clock.now() - began).toBeGreaterThanOrEqual(600_000);
    expect(made.world.clock.now() - began).toBeLessThan(660_000);
  });

  test('a zone that refuses a change as outdated, though it holds what was expected, is asked again', async () => {
    const made = await takenBack((late) => {
      late.world.faults = failing(/^dns\.change second-org/, refused, 8);
    });
    expect(ended(made)).toMatchObject({ outcome: 'restored' });
    expect(made.publicReleases()).toEqual(old);
  });

  test('a name that somebody really changed stays his, and is named', async () => {
    const made = await takenBack((late) => {
      late.world.faults = failing(/^dns\.change second-org/, refused, 1);
      late.world.dns.edit('second-org', 'search.second.org.', [{ name: 'search.second.org.', type: 'A', ttl: 60, values: ['192.0.2.99'] }]);
    });
    expect(ended(made)).toMatchObject({ outcome: 'needsHuman', failure: { facts: { summary: expect.stringContaining('search.second.org. should hold') } } });
    expect(made.publicReleases()[0]).toBe('prod-r0001');
  });
});

describe('on the way there', () => {
  test('a zone that refuses a change as outdated, though it holds what was expected, is asked again: the run goes well', async () => {
    const made = await production();
    await made.command();
    made.world.faults = failing(/^dns\.change second-org/, refused, 3);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('one that refuses it again and again is given up soon: the public is put back, and the run says what the zone answered', async () => {
    const made = await production();
    await made.command();
    made.world.faults = failing(/^dns\.change second-org/, refused, 5);
    const failed = await made.command();
    expect(failed).toMatchObject({ outcome: 'failed', failure: { code: 'SwapFailed', facts: { summary: expect.stringContaining('412 Precondition Failed') } } });
    expect(made.publicReleases()).toEqual(old);
  });
});

describe('before the names move', () => {
  /** A rebuild whose candidate does not answer as it should; a name server falls silent for good as that is looked at. */
  async function failsWithSilentServer(): Promise<Production> {
    const made = await production();
    await made.command();
    made.world.sites.set('prod-r0002/ingress', { status: 503 });
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'stepStarted' && event.step === 'verifyRelease') made.world.dns.silence('ns2.example.org.');
    };
    await made.command({ operation: 'rebuild' }, { onEvent });
    return made;
  }

  test('a name server that never answers again keeps the candidate from being removed, but the run failed before the swap: 1, and no human is called', async () => {
    const made = await failsWithSilentServer();
    expect(ended(made)).toMatchObject({ outcome: 'failed', exitCode: 1, failure: { code: 'VerificationFailed' } });
    expect(made.publicReleases()).toEqual(old);
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
    expect(made.events).toContainEqual(expect.objectContaining({ type: 'warning', message: expect.stringMatching(/^prod-r0002 is left, and the next run removes it: no name was led to it, and it could not be removed now \(asking ns2.*\)$/) }));
  });

  test('the next run removes what it left', async () => {
    const made = await failsWithSilentServer();
    made.world.dns.silence('ns2.example.org.', { silent: false });
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(made.releases()).not.toContain('prod-r0002');
  });

  test('one that falls silent as the names are about to move, before anything is sent, is such a failure as well', async () => {
    const made = await production();
    await made.command();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'stepStarted' && event.step === 'swapNames') made.world.dns.silence('ns2.example.org.');
    };
    await made.command({ operation: 'rebuild' }, { onEvent });
    expect(ended(made)).toMatchObject({ outcome: 'failed', exitCode: 1 });
    expect(made.publicReleases()).toEqual(old);
  });
});

describe('who takes over a run that died while the names moved', () => {
  async function died(): Promise<Production> {
    const made = await production();
    await made.command();
    made.world.faults = failing(/^dns\.change second-org/, 'kill');
    expect(await made.command()).toBeUndefined();
    return made;
  }

  test('waits for a name server that does not answer for five minutes, and completes it', async () => {
    const made = await died();
    silent(made, /^dns\.(read|change)/, 300_000);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  test('leaves it as it is at once when it is asked to stop meanwhile', async () => {
    const made = await died();
    silent(made, /^dns\.(read|change)/, Infinity);
    const stop = new AbortController();
    const before = made.world.clock.now();
    made.world.clock.after(120_000, () => stop.abort(new Error('SIGTERM')));
    expect(await made.command({ operation: 'rebuild' }, { stop: stop.signal })).toMatchObject({ outcome: 'interrupted' });
    expect(made.world.clock.now() - before).toBeLessThan(125_000);
    made.world.faults = () => undefined;
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  });

  test('gives one up that stays silent after ten minutes, and says by exit code 75 that this is to be tried again: the public may be on two releases', async () => {
    const made = await died();
    silent(made, /^dns\.(read|change)/, Infinity);
    const before = made.world.clock.now();
    expect(await made.command()).toMatchObject({ outcome: 'interrupted', exitCode: 75, failure: { code: 'OutsideFailed', exitCode: 75 } });
    expect(made.world.clock.now() - before).toBeGreaterThanOrEqual(600_000);
    made.world.faults = () => undefined;
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });
});
