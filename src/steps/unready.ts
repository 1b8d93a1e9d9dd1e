// The last words about a release that did not become ready: the cause first, with the log that tells it.

import { DriverError } from '../drivers/failure.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import { Failure } from '../errors.ts';
import type { Judgement } from '../readiness/release.ts';
import { describeVerdict, type LogSource, type Verdict } from '../readiness/verdict.ts';
import type { Milliseconds } from '../run/clock.ts';
import type { StepContext } from '../run/step.ts';
import type { World } from './world.ts';

type Context = Pick<StepContext<World, unknown>, 'world'>;

/** `cause` is the verdict that stopped the run; everything else that is not ready becomes its details. */
export async function notReady(cause: Verdict, judgement: Judgement, context: Context): Promise<Failure> {
  const { plan: { candidate } } = context.world;
  const others = notReadyVerdicts(judgement).filter((verdict) => verdict !== cause);
  const logTail = cause.logOf && (await readLog(cause.logOf, context));
  return new Failure('NotReady', {
    summary: describeVerdict(cause),
    object: `${cause.object.kind} ${candidate}/${cause.object.name}`,
    ...(cause.reason !== undefined && { reason: cause.reason }),
    ...(cause.since !== undefined && { since: cause.since }),
    ...(logTail !== undefined && { logTail }),
    details: others.map(describeVerdict),
  });
}

/** Time is up. The verdict that lies nearest to a cause is shown as such: one with a log, or with a reason. */
export async function tooLate(awaited: readonly string[], options: { readonly judgement: Judgement; readonly context: Context }): Promise<Failure> {
  const { judgement, context } = options;
  const { readiness } = context.world.environment;
  const all = notReadyVerdicts(judgement);
  const suspect = all.find(({ logOf }) => logOf !== undefined) ?? all.find(({ reason }) => reason !== undefined) ?? all[0];
  const facts = suspect === undefined ? undefined : (await notReady(suspect, judgement, context)).facts;
  const [first = 'nothing', ...others] = awaited;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  const summary = `not ready after ${printTimeout(readiness.timeout)} (readiness.timeout); still awaited: ${first}${more}`;
  return new Failure('NotReady', { ...facts, summary, details: others });
}

/** No rule can tell that these become ready, and everything else is: only the configuration can decide. */
export function undecidable(verdicts: readonly Verdict[]): Failure {
  const [first] = verdicts;
  return new Failure('NotReady', {
    summary: `everything else is ready, but nothing tells whether these ever are: ${verdicts.map(describeVerdict).join('; ')}`,
    ...(first !== undefined && { object: `${first.object.kind} ${first.object.name}` }),
    reason: 'Undecidable',
    next: 'Correct the chart, or list them under readiness.mayStayUnready in the environment file',
  });
}

export function notReadyVerdicts({ failed, unknown, waiting }: Judgement): readonly Verdict[] {
  return [...failed, ...waiting, ...unknown];
}

/** Lists are cut where they are shown: what others wait for comes before those that wait. */
const causality = ['Pod', 'Job', 'PersistentVolumeClaim'];
const effects = ['ReplicaSet', 'Service'];

export function causesFirst(verdicts: readonly Verdict[]): readonly Verdict[] {
  const rank = ({ object }: Verdict): number => (causality.includes(object.kind) ? causality.indexOf(object.kind) : causality.length + 1 + effects.indexOf(object.kind) + 1);
  return verdicts.toSorted((left, right) => rank(left) - rank(right));
}

function printTimeout(ms: Milliseconds): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
}

const tailLines = 20;

/** A log that cannot be read is said to be so; it must not hide the cause. */
async function readLog({ pod, container, previous }: LogSource, { world }: Context): Promise<string> {
  try {
    const reference = { kind: kinds.pod, name: pod, namespace: world.plan.candidate };
    return await world.drivers.cluster.logs(reference, { container, previous, tailLines });
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return `(the log of container ${container} cannot be read: ${error.message})`;
  }
}
