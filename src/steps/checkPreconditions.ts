// Reads only: whether everything that the run will need is there, and the world is still as the plan saw it.

import type { Environment } from '../config/environment.ts';
import { Failure } from '../errors.ts';
import { observe } from '../observe/observe.ts';
import { neededAccess } from '../plan/access.ts';
import { evaluateGuards, type GuardVerdict } from '../plan/guards.ts';
import { howToUnite } from '../plan/make.ts';
import type { Observed } from '../plan/observed.ts';
import type { Plan } from '../plan/plan.ts';
import { describeRecords, sameRecords } from '../plan/records.ts';
import { timestamp } from '../run/clock.ts';
import { assertPlannedChart, plannedSource } from './planned-chart.ts';
import type { ReleaseStep } from './world.ts';

export const checkPreconditions: ReleaseStep<'checkPreconditions'> = {
  name: 'checkPreconditions',
  title: 'Check preconditions',

  async act({ world, run, clock, signal, report }) {
    const { environment, drivers, plan } = world;
    const candidate = plan.createsCandidate ? plan.candidate : undefined;
    const observed = await observe({ environment, drivers, clock, signal, candidate, chart: plannedSource(world), questions: (access) => neededAccess(environment, access) });
    const verdicts = evaluateGuards(environment, observed, { unites: plan.operation === 'rollback' });
    const failed = verdicts.filter(({ holds }) => !holds);
    // When it began nobody knows: all of it was seen now.
    const since = timestamp(clock);
    if (failed.length > 0) throw refused(failed, { next: adviceFor(environment, observed), since });
    assertNamesUnchanged(plan, observed, since);
    assertNotOvertaken(observed, run.epoch);
    if (observed.chart !== undefined) assertPlannedChart({ plan, clock }, observed.chart.chart);
    report({ message: `${verdicts.length} guards hold; ${describePrevious(plan)}` });
  },
};

/** Not to roll back where that would be refused for another reason. */
function adviceFor(environment: Environment, observed: Observed): string | undefined {
  return evaluateGuards(environment, observed, { unites: true }).every(({ holds }) => holds) ? howToUnite(observed) : undefined;
}

/** What was found comes first, and then which guard that is against. */
function refused(verdicts: readonly GuardVerdict[], { next, since }: { readonly next: string | undefined; readonly since: string }): Failure {
  const [first, ...others] = verdicts.flatMap(({ guard, reasons }) => reasons.map((found) => ({ found, against: `not so: ${guard}` })));
  const details = others.map(({ found, against }) => `${found} (${against})`);
  return new Failure('GuardFailed', { summary: first?.found ?? 'no reason is given', ...(first !== undefined && { reason: first.against }), since, details, ...(next !== undefined && { next }) });
}

function assertNamesUnchanged(plan: Plan, observed: Observed, since: string): void {
  for (const { name, zone, before } of plan.names) {
    const now = observed.names.find((candidate) => candidate.name === name)?.records ?? [];
    if (sameRecords(before, now)) continue;
    const summary = `${name} was ${describeRecords(before)} when the plan was made and is ${describeRecords(now)} now`;
    throw new Failure('PlanOutdated', { summary, object: `${name} in zone ${zone}`, reason: `is ${describeRecords(now)} now`, since });
  }
}

/** Better told now than in the swap, after hours of loading. */
function assertNotOvertaken({ names }: Observed, epoch: number): void {
  const newer = names.find(({ owner }) => owner?.owner !== undefined && owner.owner.epoch > epoch)?.owner;
  if (newer === undefined) return;
  throw new Failure('LockLost', { summary: `${newer.name} TXT was written under epoch ${newer.owner?.epoch}, and this runner has epoch ${epoch}: another one has taken over`, object: newer.name });
}

function describePrevious({ previous, leftovers }: Plan): string {
  const live = previous === undefined ? 'no release is live yet' : `live is ${previous.name}`;
  return leftovers.length === 0 ? live : `${live}; left over: ${leftovers.map(({ name }) => name).join(', ')}`;
}
