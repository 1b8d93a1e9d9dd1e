// What an unfinished run would install if it went on: the same chart as planned, or another by now. Installs nothing.

import { failedWith } from '../drivers/failure.ts';
import { pinnedSource } from '../drivers/helm/helm.ts';
import { plan } from '../plan/plan.ts';
import type { RunRecord } from '../run/record.ts';
import { configurationHash } from './identity.ts';
import type { Session } from './session.ts';

/** The chart's identity, or 'not there'; undefined where the run installs nothing more, where it is not resumed anyway, and where the chart cannot be read. */
export async function chartNow({ environment, drivers }: Pick<Session, 'environment' | 'drivers'>, record: RunRecord): Promise<string | undefined> {
  const planned = plan.safeParse(record.plan).data?.chartIdentity;
  const isInstalled = record.steps.some(({ name, state }) => name === 'installRelease' && state === 'done');
  if (planned === undefined || isInstalled || record.planHash !== configurationHash(environment)) return undefined;
  try {
    return (await drivers.helm.chart(pinnedSource(environment.release.chart, planned))).identity;
  } catch (error) {
    // A commit that was rewritten never comes back. But what is not known is not another one: the step that needs the chart fetches it
    // with patience, and tells what is wrong.
    return failedWith(error, 'notFound') ? 'not there' : undefined;
  }
}
