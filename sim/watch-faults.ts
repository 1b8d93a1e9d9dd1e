// A watch with which something goes wrong after some events. Invents no event.

import { DriverError } from '../src/drivers/failure.ts';
import { watchSilenceMs } from '../src/drivers/cluster/silence.ts';
import type { VirtualClock } from './clock.ts';
import type { Disturbance, WatchDisturbance } from './requests.ts';

const names: readonly string[] = ['watchSilent', 'watchCut', 'watchGone', 'watchClosed', 'watchSkips', 'watchRepeats'] satisfies readonly WatchDisturbance['fault'][];

export function isOfWatch(disturbance: Disturbance): disturbance is WatchDisturbance {
  return names.includes(disturbance.fault);
}

export interface DisturbedOptions extends WatchDisturbance {
  readonly clock: VirtualClock;
  readonly signal: AbortSignal;
  readonly attempted: string;
  /** It happens now. */
  readonly onStrike: () => void;
}

export async function* disturbed(events: AsyncIterable<unknown>, options: DisturbedOptions): AsyncGenerator<unknown> {
  const { fault, afterEvents, onStrike } = options;
  let passed = 0;
  if (afterEvents === 0 && ends(fault)) return await end(options);
  for await (const event of events) {
    passed += 1;
    const isNext = passed === afterEvents + 1;
    if (isNext && !ends(fault)) onStrike();
    if (!(isNext && fault === 'watchSkips')) yield event;
    if (isNext && fault === 'watchRepeats') yield event;
    if (passed === afterEvents && ends(fault)) return await end(options);
  }
}

function ends(fault: WatchDisturbance['fault']): boolean {
  return fault !== 'watchSkips' && fault !== 'watchRepeats';
}

/** As the driver tells it. */
async function end({ fault, clock, signal, attempted, onStrike }: DisturbedOptions): Promise<void> {
  onStrike();
  if (fault === 'watchClosed') return;
  if (fault === 'watchGone') throw new DriverError({ reason: 'gone', attempted, detail: '410 simulated: too old resource version' });
  if (fault === 'watchCut') throw new DriverError({ reason: 'unavailable', attempted, detail: 'simulated: cut' });
  await clock.sleep(watchSilenceMs, signal);
  throw new DriverError({ reason: 'timeout', attempted, detail: `nothing heard for ${watchSilenceMs / 1_000} s` });
}
