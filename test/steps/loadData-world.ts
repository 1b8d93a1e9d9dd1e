// A world to load data into: load drivers that obey the virtual clock, a record that survives, and a runner that can be killed.

import { VirtualClock } from '../../sim/clock.ts';
import type { LoadDriver, LoadState, LoadTarget } from '../../src/drivers/load/load.ts';
import type { Json, Progress, StepContext } from '../../src/run/step.ts';
import type { World } from '../../src/steps/world.ts';
import { environmentWith } from './verifyRelease-world.ts';

/** How one job behaves; each list has one entry per try, the last one is repeated. */
export interface Script {
  readonly lastsMs?: number;
  readonly ends?: readonly (LoadState | 'well' | 'badly')[];
}

export class Killed extends Error {}

export interface LoadWorld {
  readonly clock: VirtualClock;
  readonly scripts: Record<string, Script>;
  /** `prepare a 1`, `start a 1`, `cancel a 1`, and when: everything but polls. */
  readonly calls: string[];
  readonly startedAt: Map<string, number>;
  readonly prepared: Set<string>;
  readonly cancelled: Set<string>;
  polls: number;
  readonly warnings: string[];
  readonly progress: Progress[];
  noted: Json | undefined;
  /** Called before and after every call of a driver and every note; what it throws is thrown there. */
  disturb: (moment: string) => void | Promise<void>;
  context(signal?: AbortSignal): StepContext<World, unknown>;
}

export function loadWorld(load: readonly Record<string, unknown>[], more: { readonly strict?: boolean; readonly scripts?: Record<string, Script>; readonly verify?: object } = {}): LoadWorld {
  const clock = new VirtualClock({ startAt: 0 });
  const environment = environmentWith({ load, strictErrorChecking: more.strict ?? true, ...(more.verify && { verify: more.verify }) });
  const it: LoadWorld = {
    clock,
    scripts: more.scripts ?? {},
    calls: [],
    startedAt: new Map(),
    prepared: new Set(),
    cancelled: new Set(),
    polls: 0,
    warnings: [],
    progress: [],
    noted: undefined,
    disturb: () => undefined,
    context: (signal = new AbortController().signal) => ({
      world: { environment, plan: { candidate: 'prod-2hpwr' }, drivers: { load: { job: driver(it), jobList: driver(it) } } } as unknown as World,
      results: {},
      run: { id: 'run-1', operation: 'rebuild', epoch: 1 },
      clock,
      signal,
      report: (progress) => void it.progress.push(progress),
      warn: (message) => void it.warnings.push(message),
      note: (intent) => around(it, 'note', async () => void (it.noted = JSON.parse(JSON.stringify(intent)) as Json)),
      noted: it.noted,
    }),
  };
  return it;
}

export function jobNamed(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, job: { fromJob: name }, ...more };
}

function driver(it: LoadWorld): LoadDriver<{ readonly name: string }> {
  const key = (job: { readonly name: string }, { attempt }: LoadTarget): string => `${job.name} ${attempt}`;
  const log = (call: string): void => void it.calls.push(`${it.clock.now() / 1_000} s: ${call}`);
  return {
    prepare: (job, target) =>
      around(it, `prepare ${job.name}`, async () => {
        log(`prepare ${key(job, target)}`);
        it.prepared.add(key(job, target));
        return { key: key(job, target) };
      }),
    start: (job, target, handle) =>
      around(it, `start ${job.name}`, async () => {
        if ((handle as { key: string }).key !== key(job, target)) throw new Error('started with the handle of another try');
        if (it.startedAt.has(key(job, target))) return;
        log(`start ${key(job, target)}`);
        it.startedAt.set(key(job, target), it.clock.now());
      }),
    poll: (job, target, handle) =>
      around(it, `poll ${job.name}`, async () => {
        it.polls += 1;
        if ((handle as { key: string }).key !== key(job, target)) throw new Error('polled with the handle of another try');
        return stateOf(it, job.name, target.attempt);
      }),
    cancel: (job, target) =>
      around(it, `cancel ${job.name}`, async () => {
        log(`cancel ${key(job, target)}`);
        it.cancelled.add(key(job, target));
      }),
  };
}

function stateOf(it: LoadWorld, name: string, attempt: number): LoadState {
  const { lastsMs = 10_000, ends = ['well'] } = it.scripts[name] ?? {};
  const startedAt = it.startedAt.get(`${name} ${attempt}`);
  if (startedAt === undefined || it.clock.now() < startedAt + lastsMs) return { state: 'running', message: 'loading' };
  const end = ends[Math.min(attempt, ends.length) - 1] ?? 'well';
  if (end === 'well') return { state: 'succeeded', message: 'done' };
  if (end === 'badly') return { state: 'failed', failures: [{ job: `table of ${name}`, reason: 'ended with ERROR', object: `Pod prod-2hpwr/${name}-x`, logTail: `log of ${name}` }] };
  return end;
}

async function around<T>(it: LoadWorld, moment: string, action: () => Promise<T>): Promise<T> {
  await it.disturb(`before ${moment}`);
  const result = await action();
  await it.disturb(`after ${moment}`);
  return result;
}
