// A runner whose lock ran out because it was held up (a busy machine, a laptop that slept, an API server that was away): when nobody has
// taken the lock meanwhile, it goes on by itself; when somebody has, it goes.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { watchInvariants } from '../../sim/invariants/index.ts';
import { production, type CommandOptions, type Production } from '../../sim/production.ts';
import type { Fault, SimulatedRequest } from '../../sim/requests.ts';
import type { RunEvent } from '../../src/run/events.ts';

type Watched = ReturnType<typeof watchInvariants>;

const asleep = { fault: 'stopBefore', ms: 120_000 } as const;
const goesOn = /the lock had run out, and nobody has taken it: going on under epoch 3/;

/** The second rebuild of a production, struck once by this at the first such request. */
async function struck(text: RegExp, fault: Fault, options: CommandOptions = {}): Promise<Production & { readonly watched: Watched }> {
  const made = await production();
  await made.command();
  const watched = watchInvariants(made);
  made.world.faults = failing(text, fault);
  await made.command({ operation: 'rebuild' }, options);
  return { ...made, watched };
}

function performed({ commands }: Production): unknown {
  const last = commands.at(-1)?.ended;
  return last !== undefined && 'performed' in last ? last.performed : last;
}

test.each([
  ['while it installs', /^helm\.install/, asleep],
  ['when Helm has begun to install', /^helm\.install/, { fault: 'stopAfter', ms: 120_000 }],
  ['while it waits for the release', /^cluster\.list pods/, asleep],
  ['while it starts to load', /^load\.job\.start|^cluster\.create jobs/, asleep],
  ['when one zone is about to be moved', /^dns\.change second-org/, asleep],
  ['when one zone has been moved', /^dns\.change second-org/, { fault: 'stopAfter', ms: 120_000 }],
  ['while the previous release is removed', /^helm\.uninstall/, asleep],
] as const)('asleep for two minutes %s: the same command goes on under a new epoch, and ends well', async (_title, text, fault) => {
  const made = await struck(text, fault);
  expect(performed(made)).toMatchObject({ outcome: 'succeeded', exitCode: 0, record: { epoch: 3 } });
  expect(made.said).toContainEqual(expect.stringMatching(goesOn));
  expect(made.releases()).toHaveLength(1);
  const [live] = made.releases();
  expect(made.publicReleases()).toEqual([live, live]);
  expect((await made.records()).map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded']);
  expect(made.watched.settle()).toEqual([]);
});

test('the API server is away for a minute: the same command goes on', async () => {
  const made = await production();
  await made.command();
  let from = Infinity;
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'loadData') from = Math.min(from, made.world.clock.now());
  };
  made.world.faults = ({ at, driver }: SimulatedRequest) => (driver === 'cluster' && at >= from && at < from + 60_000 ? 'errorBefore' : undefined);
  expect(await made.command({ operation: 'rebuild' }, { onEvent })).toMatchObject({ outcome: 'succeeded' });
  expect(made.said).toContainEqual(expect.stringMatching(goesOn));
});

test('held up again and again, it gives up after ten times: what does not get on shall not look as if it did', async () => {
  const made = await production();
  await made.command();
  made.world.faults = ({ text }) => (text.startsWith('helm.install') ? asleep : undefined);
  expect(await made.command()).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
  expect(made.said.filter((line) => line.includes('going on under epoch'))).toHaveLength(10);
  made.world.faults = () => undefined;
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
});

test('the API server does not come back: it ends with exit code 75 after minutes, not hours, and what is there is left for the next', async () => {
  const made = await production();
  await made.command();
  let from = Infinity;
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'loadData') from = Math.min(from, made.world.clock.now());
  };
  made.world.faults = ({ at, driver }: SimulatedRequest) => (driver === 'cluster' && at >= from ? 'errorBefore' : undefined);
  expect(await made.command({ operation: 'rebuild' }, { onEvent })).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
  expect(made.world.clock.now() - from).toBeLessThan(300_000);
  made.world.faults = () => undefined;
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
});

test('another has taken the lock and died: whoever wakes up does not take it back from him', async () => {
  const made = await production();
  await made.command();
  made.world.faults = failing(/^helm\.install/, asleep);
  const first = made.command({ operation: 'rebuild' }, { holder: 'first/1' });
  await made.world.clock.sleep(5_000);
  made.world.faults = ({ process, text }) => (process === 3 && text.startsWith('cluster.replace leases') ? 'killHeard' : undefined);
  expect(await made.command({ operation: 'rebuild' }, { holder: 'second/1' })).toBeUndefined();
  expect(await first).toMatchObject({ exitCode: 75, failure: { code: 'LockLost' } });
  expect(made.said).not.toContainEqual(expect.stringMatching(goesOn));
});

test('a fresh beginning that was held up is not begun a second time', async () => {
  const made = await struck(/^helm\.install/, asleep, { fresh: true });
  expect(performed(made)).toMatchObject({ outcome: 'succeeded' });
  expect(await made.records()).toHaveLength(2);
});

test('whoever was asked to stop while it was held up does not take the lock again', async () => {
  const stop = new AbortController();
  const made = await production();
  await made.command();
  made.world.faults = failing(/^cluster\.list pods/, asleep);
  made.world.clock.after(60_000, () => stop.abort(new Error('SIGTERM')));
  await made.command({ operation: 'rebuild' }, { stop: stop.signal });
  expect(made.said).not.toContainEqual(expect.stringMatching(goesOn));
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
});
