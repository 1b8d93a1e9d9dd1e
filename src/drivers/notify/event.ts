// Tells a run's beginning and end as Kubernetes Events on its record, for whoever looks with kubectl. An account that may not is silent.

import { recordName } from '../../plan/runner-names.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { kinds } from '../cluster/objects.ts';
import { failedWith } from '../failure.ts';
import type { Notification, Notifier } from './notify.ts';

export interface EventOptions {
  readonly cluster: Pick<Cluster, 'create'>;
  /** The runner's. */
  readonly namespace: string;
}

const reasons: Readonly<Record<Notification['event'], string>> = { started: 'Started', succeeded: 'Succeeded', failed: 'Failed', restored: 'Restored', needsHuman: 'NeedsHuman' };

/** The API server takes no longer messages. Source: core/v1 Event validation. */
const longestMessage = 1_024;

export function eventNotifier({ cluster, namespace }: EventOptions): Notifier {
  return {
    async send(notification) {
      try {
        await cluster.create(kinds.event, { apiVersion: 'v1', kind: 'Event', ...eventOf(notification, namespace) });
      } catch (error) {
        // Told already, by a process that died before it heard so; or not this account's to tell: the record says all of it.
        if (!failedWith(error, 'conflict', 'forbidden')) throw error;
      }
    },
  };
}

function eventOf({ environment, runId, event, text, at }: Notification, namespace: string) {
  const name = recordName(environment, runId);
  const reason = reasons[event];
  return {
    // One of each for a run, so that telling it twice is noticed.
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name, namespace },
    type: event === 'started' || event === 'succeeded' ? 'Normal' : 'Warning',
    reason,
    message: text.length > longestMessage ? `${text.slice(0, longestMessage - 1)}…` : text,
    source: { component: 'changeover' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
