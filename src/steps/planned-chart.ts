// The chart that was planned, and no other: a branch, a tag or a folder may have changed since. Fetches nothing.

import { Failure } from '../errors.ts';
import { pinnedSource, type ChartSource, type LocalChart } from '../drivers/helm/helm.ts';
import { timestamp, type Clock } from '../run/clock.ts';
import type { World } from './world.ts';

export function plannedSource({ environment, plan }: Pick<World, 'environment' | 'plan'>): ChartSource {
  return pinnedSource(environment.release.chart, plan.chartIdentity);
}

/** Throws Failure 'PlanOutdated': what was planned, checked and half done with one chart is not gone on with another. */
export function assertPlannedChart({ plan, clock }: Pick<World, 'plan'> & { readonly clock: Clock }, { origin, identity }: LocalChart): void {
  if (plan.chartIdentity === undefined || plan.chartIdentity === identity) return;
  const summary = `the chart from ${origin} was ${plan.chartIdentity} when the plan was made and is ${identity} now`;
  throw new Failure('PlanOutdated', { summary, object: `chart ${origin}`, reason: `is ${identity} now`, since: timestamp(clock) });
}
