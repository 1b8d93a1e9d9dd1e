// A runner that was paused after its check of the lock, and whose writes come when another has taken over: they must change nothing.

import { expect, test } from 'vitest';
import { production, publicNames, type CommandOptions, type Production } from '../../sim/production.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { paused, type Pause } from './paused.ts';

type Second = (made: Production, pause: Pause) => CommandOptions;

/** A second rebuild is stopped in the moment in which it sends a change of the names, a third command takes over. */
async function overtaken(second: Second, { call = 1, onEvent }: { readonly call?: number; readonly onEvent?: (event: RunEvent, made: Production) => void } = {}) {
  const made = await production();
  await made.command();
  const pause = paused('dns', 'change', call);
  const first = made.command({ operation: 'rebuild' }, { connect: pause.connect, holder: 'first/1', ...(onEvent === undefined ? {} : { onEvent: (event) => onEvent(event, made) }) });
  await pause.begun;
  const taken = await made.command({ operation: 'rebuild' }, { holder: 'second/1', ...second(made, pause) });
  return { made, first: await first, second: taken };
}

function expectOnlyTheSecond({ made, first, second }: Awaited<ReturnType<typeof overtaken>>): void {
  expect(made.observer.violations).toEqual([]);
  expect(second).toMatchObject({ outcome: expect.stringMatching(/succeeded|restored/) });
  expect(first).toMatchObject({ failure: { code: 'LockLost' }, exitCode: 75 });
  expect(made.publicReleases()).toEqual(publicNames.map(() => made.releases().at(-1)));
  expect(made.world.requests.some(({ process, text }) => process === 2 && text.startsWith('dns.change'))).toBe(true);
}

/** Lets the first runner go on as soon as the second one tells this. */
function when(type: RunEvent['type'], step: string | undefined, pause: Pause): Pick<CommandOptions, 'onEvent'> {
  return { onEvent: (event) => void (event.type === type && (step === undefined || ('step' in event && event.step === step)) && pause.end()) };
}

test('a change of the names that was sent before the lock was lost, and comes after the run was unwound, leads nobody to what was deleted', async () => {
  expectOnlyTheSecond(await overtaken((_, pause) => ({ fresh: true, ...when('runEnded', undefined, pause) })));
});

test('one that comes before the run is unwound is taken back', async () => {
  expectOnlyTheSecond(await overtaken((_, pause) => ({ fresh: true, ...when('runStarted', undefined, pause) })));
});

test('one that comes after the run was completed changes nothing', async () => {
  expectOnlyTheSecond(await overtaken((_, pause) => when('stepDone', 'swapNames', pause)));
});

test('one that comes after the names have gone there and back again finds the addresses that it expects, and changes nothing', async () => {
  const there = await overtaken(({ world }, pause) => ({
    onEvent: (event) => {
      if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.sites.set('prod-r0002/ingress', { status: 503 });
      if (event.type === 'undoDone' && event.step === 'swapNames') pause.end();
    },
  }));
  expect(there.second).toMatchObject({ outcome: 'restored' });
  expectOnlyTheSecond(there);
});

test('the way back of a runner that lost its lock on it changes nothing either', async () => {
  const breaks = (event: RunEvent, { world }: Production): void => {
    if (event.type === 'stepStarted' && event.step === 'drainPrevious') world.sites.set('prod-r0002/ingress', { status: 503 });
  };
  // Two zones: its third change is the first of its way back.
  expectOnlyTheSecond(await overtaken((_, pause) => when('runEnded', undefined, pause), { call: 3, onEvent: breaks }));
});

test('who takes over writes its epoch beside every name before anything else, also where the addresses stay', async () => {
  const { made } = await overtaken((_, pause) => ({ fresh: true, ...when('runEnded', undefined, pause) }));
  const writes = made.world.requests.filter(({ process, writes: isWrite, text }) => process === 3 && isWrite && !text.includes('leases'));
  expect(writes.slice(0, 3).map(({ text }) => text)).toEqual([
    expect.stringContaining('cluster.replace configmaps'),
    'dns.change example-org www.example.org., _changeover.www.example.org.',
    'dns.change second-org search.second.org., _changeover.search.second.org.',
  ]);
});
