// The chart that was planned, and no other: a branch, a tag or a folder may have changed since. Fetches nothing.

import { Failure } from '../errors.ts';
import { pinnedSource, type ChartSource, type LocalChart } from '../drivers/helm/helm.ts';
import type { World } from './world.ts';

export function plannedSource({ environment, plan }: Pick<World, 'environment' | 'plan'>): ChartSource {
  return pinnedSource(environment.release.chart, plan.chartIdentity);
}

/** Throws Failure 'PlanOutdated': what was planned, checked and half done with one chart is not gone on with another. */
export function assertPlannedChart({ plan }: Pick<World, 'plan'>, { origin, identity }: LocalChart): void {
  if (plan.chartIdentity === undefined || plan.chartIdentity === identity) return;
  throw new Failure('PlanOutdated', { summary: `the chart from ${origin} was ${plan.chartIdentity} when the plan was made and is ${identity} now`, object: `chart ${origin}` });
}
