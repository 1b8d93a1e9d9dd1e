// An API server that answers lists and watches exactly as a test has written them down, and notes what it was asked.

import type { ObjectList, WatchEvent } from '../../src/drivers/cluster/cluster.ts';
import { kinds, type Kind, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError, type FailureReason } from '../../src/drivers/failure.ts';
import type { Clock } from '../../src/run/clock.ts';

export function pod(name: string, resourceVersion: string): KubernetesObject {
  return { apiVersion: 'v1', kind: kinds.pod.kind, metadata: { name, resourceVersion } };
}

/** What a watch does next: an event, a pause, a failure; at the end of the script the server closes it. */
export type WatchAct =
  | { readonly event: WatchEvent }
  | { readonly silenceMs: number }
  | { readonly fail: FailureReason };

export type ListAct = ObjectList | { readonly fail: FailureReason };

export interface Script {
  /** One for each list that comes; the last one repeats. */
  readonly lists: readonly ListAct[];
  /** One for each watch that comes; after them, watches stay silent until they are ended. */
  readonly watches?: readonly (readonly WatchAct[])[];
}

export class ScriptedCluster {
  /** `list pods`, `watch pods from 12` */
  readonly asked: string[] = [];
  openWatches = 0;
  readonly #script: Script;
  readonly #clock: Clock;
  #lists = 0;
  #watches = 0;

  constructor(script: Script, clock: Clock) {
    this.#script = script;
    this.#clock = clock;
  }

  async list(kind: Kind): Promise<ObjectList> {
    this.asked.push(`list ${kind.plural}`);
    const { lists } = this.#script;
    const act = lists[Math.min(this.#lists, lists.length - 1)];
    this.#lists += 1;
    if (act === undefined || 'fail' in act) throw failure(act?.fail ?? 'unavailable');
    return act;
  }

  async *watch(kind: Kind, options: { readonly resourceVersion: string; readonly signal: AbortSignal }): AsyncGenerator<WatchEvent, void> {
    this.asked.push(`watch ${kind.plural} from ${options.resourceVersion}`);
    const acts = this.#script.watches?.[this.#watches] ?? [{ silenceMs: 86_400_000 }];
    this.#watches += 1;
    this.openWatches += 1;
    try {
      for (const act of acts) {
        if ('silenceMs' in act) await this.#clock.sleep(act.silenceMs, options.signal);
        else if ('fail' in act) throw failure(act.fail);
        else yield act.event;
      }
    } finally {
      this.openWatches -= 1;
    }
  }
}

export function added(object: KubernetesObject): WatchAct {
  return { event: { type: 'ADDED', object } };
}

export function deleted(object: KubernetesObject): WatchAct {
  return { event: { type: 'DELETED', object } };
}

export function bookmark(resourceVersion: string): WatchAct {
  return { event: { type: 'BOOKMARK', resourceVersion } };
}

function failure(reason: FailureReason): DriverError {
  return new DriverError({ reason, attempted: 'GET /api/v1/pods' });
}
