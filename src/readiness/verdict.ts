// What is said about one object, and what it is judged by. Only data: no rule about any kind stands here.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Node, Pod } from './pod-shapes.ts';
import type { EndpointSlice, Event } from './shapes.ts';

/**
 * failed: it cannot get better without somebody changing something. unknown: no rule tells whether it is ready, or
 * nothing that is present will make it so; never taken as ready.
 */
export type State = 'ready' | 'waiting' | 'failed' | 'unknown';

export interface LogSource {
  readonly pod: string;
  readonly container: string;
  /** The log of the run before the present one: where the crash is told. */
  readonly previous: boolean;
}

/** A verdict that does not say yet about which object. */
export interface Opinion {
  readonly state: State;
  /** Without the object's name; reads on after `Deployment portal: `. */
  readonly message: string;
  /** The one word for it: `ImagePullBackOff`, `Unschedulable`. */
  readonly reason?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly logOf?: LogSource;
}

export interface ObjectName {
  readonly kind: string;
  readonly name: string;
}

export interface Verdict extends Opinion {
  readonly object: ObjectName;
}

/** What else was seen at the same moment, for rules that must look beyond the object itself. */
export interface Surroundings {
  /** Those of the release. */
  readonly pods: readonly Pod[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly events: readonly Event[];
  /** Undefined while it is not known which nodes there are. */
  readonly nodes: readonly Node[] | undefined;
}

export type Rule<Kind extends KubernetesObject> = (object: Kind, seen: Surroundings) => Opinion;

export type OpinionFacts = Omit<Opinion, 'state' | 'message'>;

export function ready(message = 'ready'): Opinion {
  return { state: 'ready', message };
}

export function waiting(message: string, facts: OpinionFacts = {}): Opinion {
  return { state: 'waiting', message, ...facts };
}

export function failed(message: string, facts: OpinionFacts): Opinion {
  return { state: 'failed', message, ...facts };
}

export function unknown(message: string): Opinion {
  return { state: 'unknown', message };
}

/** `Deployment portal: 1 of 2 replicas are available` */
export function describeVerdict({ object, message }: Verdict): string {
  return `${object.kind} ${object.name}: ${message}`;
}

export function since(time: string | null | undefined): { readonly since?: string } {
  return time === undefined || time === null ? {} : { since: time };
}
