// Jobs: complete, or suspended on purpose. A failed one stays failed, whatever its pods do.

import { conditionIs, explain } from './conditions.ts';
import { crashLog } from './containers.ts';
import { refusedPods } from './creation.ts';
import type { Pod } from './pod-shapes.ts';
import type { Job } from './shapes.ts';
import { failed, ready, since, waiting, type LogSource, type Opinion, type Surroundings } from './verdict.ts';

export function judgeJob(job: Job, seen: Surroundings): Opinion {
  const { spec, status } = job;
  if (conditionIs(status, 'Complete', 'True') !== undefined) return ready('complete');
  // FailureTarget comes first: the verdict has fallen, and pods are still being ended (KEP-3998).
  const failure = conditionIs(status, 'Failed', 'True') ?? conditionIs(status, 'FailureTarget', 'True');
  if (failure !== undefined) {
    return failed(explain(failure), { reason: failure.reason ?? 'Failed', ...since(failure.lastTransitionTime), ...logOfLast(job, seen.pods) });
  }
  if (spec?.suspend === true) return ready('suspended on purpose: nothing to wait for');
  if ((status?.active ?? 0) === 0) {
    const refused = refusedPods(job, status, seen);
    if (refused !== undefined) return refused;
  }
  return waiting(describeWork(job));
}

function describeWork({ spec, status }: Job): string {
  const { active = 0, succeeded = 0, failed: tries = 0 } = status ?? {};
  const completed = `${succeeded} of ${spec?.completions ?? 1} completions, ${active} active`;
  return tries === 0 ? completed : `${completed}, ${tries} failed of ${(spec?.backoffLimit ?? 6) + 1} tries`;
}

/** The pod that failed last has the story, if it is still there. */
function logOfLast({ metadata }: Job, pods: readonly Pod[]): { readonly logOf?: LogSource } {
  const own = pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true);
  const crashes = own.flatMap((pod) =>
    (pod.status?.containerStatuses ?? []).flatMap((container) => {
      const end = container.state?.terminated ?? container.lastState?.terminated;
      return end === undefined || end.exitCode === 0 ? [] : [{ at: end.finishedAt ?? '', logOf: crashLog(container, pod) }];
    }),
  );
  const [last] = crashes.toSorted((one, other) => other.at.localeCompare(one.at));
  return last === undefined ? {} : { logOf: last.logOf };
}
