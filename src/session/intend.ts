// From an intended operation to its plan: observe, then plan. Writes nothing; `plan` prints what this returns.

import { Failure } from '../errors.ts';
import type { Access } from '../drivers/cluster/cluster.ts';
import type { AccessOptions } from '../plan/access.ts';
import { observe, observeReleases } from '../observe/observe.ts';
import { evaluateGuards, rightCluster, type GuardVerdict } from '../plan/guards.ts';
import { howToUnite, planRebuild, planRehearsal, planRollback } from '../plan/make.ts';
import { planPrune } from '../plan/prune.ts';
import type { Observed } from '../plan/observed.ts';
import type { Plan } from '../plan/plan.ts';
import { describeReleaseAccess, type GivenAccess } from '../plan/release-access.ts';
import { timestamp, type Clock } from '../run/clock.ts';
import { retry } from '../run/retry.ts';
import { orStopped } from '../run/stop.ts';
import type { Reading } from './session.ts';

export type Intent =
  | { readonly operation: 'rebuild' | 'rehearse' }
  /** `older`: also releases that served once, and that no rollback returns to by itself. */
  | { readonly operation: 'prune'; readonly older?: boolean | undefined }
  /** `to`: a release by name; default: the one that was live last. */
  | { readonly operation: 'rollback'; readonly to?: string | undefined };

export interface Intended {
  readonly plan: Plan;
  readonly guards: readonly GuardVerdict[];
  readonly observed: Observed;
  /** What an installed runner makes before anything else, per release: its own rights there, and Helm's. */
  readonly access: readonly GivenAccess[];
}

/** Rejects with Failure 'WrongCluster' before anything else is read or written there. The first question that the cluster is asked. */
export async function assertRightCluster({ environment, drivers, clock, stop, say }: Reading): Promise<void> {
  const onRetry = (error: Error): void => say(`the cluster does not answer (${error.message}); trying again`);
  const identity = await orStopped(retry(() => drivers.cluster.identity(), { clock, signal: stop, onRetry }), stop);
  const [problem] = rightCluster(environment, { identity });
  if (problem !== undefined) throw new Failure('WrongCluster', { summary: problem });
}

/** A release that is mistyped is told before an earlier run is taken back for its sake. Rejects with Failure 'GuardFailed'. */
export async function assertTargetIsThere({ environment, drivers, clock, stop }: Reading, intent: Intent): Promise<void> {
  if (intent.operation !== 'rollback' || intent.to === undefined) return;
  const releases = await observeReleases({ environment, drivers, clock, signal: stop });
  if (!releases.some(({ name, deleting }) => name === intent.to && !deleting)) throw nothingToGoBackTo(intent.to, clock);
}

export interface IntendOptions {
  /** Of the new release, if there is to be one. */
  readonly suffix: string;
  /** Permissions to ask for. A run asks in its first step; a plan that is only printed has to ask by itself. */
  readonly questions: (options: AccessOptions) => readonly Access[];
}

export async function intend(reading: Reading, intent: Intent, { suffix, questions }: IntendOptions): Promise<Intended> {
  const { environment, drivers, clock, stop } = reading;
  const name = `${environment.environment}-${suffix}`;
  const candidate = intent.operation === 'rebuild' || intent.operation === 'rehearse' ? name : undefined;
  const observed = await observe({ environment, drivers, clock, signal: stop, candidate, questions });
  const plan = planFor(intent, { environment, observed, clock }, name);
  return { plan, guards: evaluateGuards(environment, observed, { unites: plan.operation === 'rollback' }), observed, access: accessFor(plan, { environment, observed }) };
}

function accessFor(plan: Plan, { environment, observed }: Parameters<typeof planRebuild>[0]): Intended['access'] {
  if (plan.installer !== true) return [];
  const releases = [...observed.unbound, ...(plan.createsCandidate ? [plan.candidate] : [])];
  return releases.map((release) => ({ release, objects: describeReleaseAccess(release, environment) }));
}

function planFor(intent: Intent, { clock, ...input }: Parameters<typeof planRebuild>[0] & Pick<Reading, 'clock'>, name: string): Plan {
  if (intent.operation === 'prune') return planPrune(input, { older: intent.older ?? false });
  if (intent.operation !== 'rollback') return intent.operation === 'rebuild' ? planRebuild(input, name) : planRehearsal(input, name);
  // Which one was live before is then anybody's guess: it must be said.
  const next = intent.to === undefined ? howToUnite(input.observed) : undefined;
  if (next !== undefined) throw new Failure('GuardFailed', { summary: 'the names lead to several releases: say to which of them the public shall go', since: timestamp(clock), next });
  const plan = planRollback(input, intent.to);
  if (plan !== undefined) return plan;
  throw nothingToGoBackTo(intent.to, clock);
}

function nothingToGoBackTo(to: string | undefined, clock: Clock): Failure {
  const wanted = to === undefined ? 'no earlier release is there' : `release ${to} is not there, never served the public, or is live already`;
  return new Failure('GuardFailed', { summary: `there is nothing to go back to: ${wanted}`, since: timestamp(clock), next: 'See which releases there are: changeover status' });
}
