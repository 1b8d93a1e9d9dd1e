// Runs as their events, for the tests of how runs are shown. Times count from 2026-11-21 23:58:00 UTC.

import type { ReportedFailure, RunEvent } from '../../src/run/events.ts';

export const start = Date.parse('2026-11-21T23:58:00Z');

type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never;

/** An event, so many seconds after the start. */
export function after(seconds: number, event: WithoutTime<RunEvent>): RunEvent {
  return { at: start + seconds * 1_000, ...event } as RunEvent;
}

const steps = [
  { name: 'checkPreconditions', title: 'Check preconditions' },
  { name: 'waitUntilReady', title: 'Wait until everything is ready' },
  { name: 'swapNames', title: 'Move the public names' },
  { name: 'retirePrevious', title: 'Retire the previous release' },
];
const [check, ready, swap, retire] = steps.map(({ name, title }) => ({ step: name, title })) as [Named, Named, Named, Named];
interface Named {
  readonly step: string;
  readonly title: string;
}

const begun: WithoutTime<RunEvent> = { type: 'runStarted', run: '20261121-235800-2hpwr', operation: 'rebuild', resumed: false, steps };
const four = ['Deployment portal: 0 of 2 replicas are available', 'Pod portal-1: pulling its image', 'Pod portal-2: pulling its image', 'Service ingress: no address yet'];

/** A rebuild that goes well: two skipped ends, a long wait, a midnight. */
export const goodRun: readonly RunEvent[] = [
  after(0, begun),
  after(0, { type: 'stepStarted', ...check }),
  after(0.84, { type: 'stepDone', ...check, durationMs: 840 }),
  after(0.9, { type: 'stepStarted', ...ready }),
  after(1, { type: 'stepProgress', step: ready.step, message: 'waiting for the release', awaited: [...four, 'Job loader: running', 'StatefulSet database: 0 of 1 replicas'] }),
  after(4, { type: 'stepProgress', step: ready.step, message: 'waiting for the release', awaited: four.slice(0, 2) }),
  after(20, { type: 'stepProgress', step: ready.step, message: 'waiting for the release', awaited: four.slice(0, 1) }),
  after(40, { type: 'stepProgress', step: ready.step, message: 'waiting for the release', awaited: four.slice(0, 1) }),
  after(55, { type: 'stepProgress', step: ready.step, message: 'waiting for the release', awaited: four.slice(0, 1) }),
  after(100, { type: 'warning', step: ready.step, message: 'Deployment extra: 0 of 1 replicas are available (readiness.mayStayUnready)' }),
  after(125, { type: 'stepDone', ...ready, durationMs: 124_100 }),
  after(125, { type: 'stepStarted', ...swap }),
  after(126.2, { type: 'stepDone', ...swap, durationMs: 1_200 }),
  after(126.2, { type: 'stepSkipped', ...retire, reason: 'deleteExisting is false' }),
  after(126.3, { type: 'runEnded', outcome: 'succeeded', exitCode: 0, durationMs: 126_300, failure: undefined }),
];

export const crash: ReportedFailure = {
  code: 'NotReady',
  title: 'The candidate did not become ready',
  facts: {
    summary: 'Pod portal-6d5f: container portal crashes: exit code 1, 3 restarts',
    object: 'Pod prod-2hpwr/portal-6d5f',
    reason: 'CrashLoopBackOff',
    since: '2026-11-21T23:58:12Z',
    logTail: 'starting\nno such table: city\n',
    details: ['Deployment portal: 0 of 2 replicas are available', 'Service ingress: no address yet'],
  },
  next: 'Look closer with: changeover diagnose {release}',
};

/** A rebuild that fails before the public is affected, and whose undoing fails in turn when asked. */
export const failedRun: readonly RunEvent[] = [
  after(0, begun),
  after(0, { type: 'stepStarted', ...check }),
  after(1, { type: 'stepDone', ...check, durationMs: 1_000 }),
  after(1, { type: 'stepStarted', ...ready }),
  after(30, { type: 'stepFailed', ...ready, failure: crash }),
  after(30, { type: 'undoStarted', ...check }),
  after(42, { type: 'undoDone', ...check }),
  after(42, { type: 'runEnded', outcome: 'failed', exitCode: 1, durationMs: 42_000, failure: crash }),
];
