// How the objects of a scenario behave once they are created. Data only.

import type { KubernetesObject } from '../src/drivers/cluster/objects.ts';

export type Outcome =
  /** Pods become ready, Jobs succeed, claims are bound, load balancers get an address. */
  | 'well'
  /** Nothing ever happens: the pod runs and is not ready, the Job runs on, the claim is pending, no address comes. */
  | 'never'
  | 'imagePull'
  | 'crashLoop'
  | 'unschedulable'
  /** The container of a Job ends with an exit code other than 0. */
  | 'fails'
  /** The quota of the namespace refuses the pods. */
  | 'quota';

export interface Behaviour {
  /** From the creation of the pod, claim or Service to its outcome; of a namespace, from the request to delete it until it may go. Default 1000. */
  readonly afterMs?: number;
  /** Default `well`. */
  readonly outcome?: Outcome;
  /** What the containers print. `+1500 text` comes so many milliseconds after the line before it; `✂` cuts whoever follows. */
  readonly log?: string;
  /** Of the container of a Job that `fails`. Default 1. */
  readonly exitCode?: number;
  /** Ready pods turn unready so long after they became ready. */
  readonly breaksAfterMs?: number;
  /** Ready pods turn unready after so long, and ready again after so long, so many times. */
  readonly flaps?: { readonly everyMs: number; readonly times: number };
  /** The kubelet evicts a pod so long after it was started, because its node is short of memory; `evictions` of the workload's pods, default 1. */
  readonly evictedAfterMs?: number;
  readonly evictions?: number;
  /** The load balancer gets this host name instead of an address. */
  readonly hostname?: string;
  /** The load balancer gets an IPv6 address as well. */
  readonly dualStack?: boolean;
}

/** By `Kind/name`, or `namespace/Kind/name` for the object of one release. A pod behaves as the workload it belongs to. */
export type Behaviours = ReadonlyMap<string, Behaviour>;

/** Jobs that a run makes have names of its own: they are found by the label `app` or the container of their template as well. */
export function behaviourOf(object: KubernetesObject, behaviours: Behaviours): Required<Pick<Behaviour, 'afterMs' | 'outcome'>> & Behaviour {
  const namespace = object.metadata.namespace ?? '';
  const found = names(object)
    .flatMap((name) => [`${namespace}/${object.kind}/${name}`, `${object.kind}/${name}`])
    .map((key) => behaviours.get(key))
    .find((behaviour) => behaviour !== undefined);
  return { afterMs: 1_000, outcome: 'well', ...found };
}

function names(object: KubernetesObject): readonly string[] {
  const template = (object['spec'] as Partial<PodTemplated> | undefined)?.template;
  const further = [template?.metadata?.labels?.['app'], template?.spec?.containers?.[0]?.name];
  return [object.metadata.name, ...further].filter((name) => name !== undefined);
}

interface PodTemplated {
  readonly template: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: { readonly containers?: readonly { readonly name: string }[] };
  };
}
