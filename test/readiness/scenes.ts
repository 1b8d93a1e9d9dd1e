// Whole namespaces as a real cluster (v1.35.4) reported them, and ways to look at one object of them. See fixtures/README.md.

import { readFileSync } from 'node:fs';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { Node, Pod } from '../../src/readiness/pod-shapes.ts';
import type { Expectations } from '../../src/readiness/members.ts';
import type { EndpointSlice, Event } from '../../src/readiness/shapes.ts';
import { judgeRelease, type Judgement } from '../../src/readiness/release.ts';
import { judgeObject } from '../../src/readiness/table.ts';
import type { Opinion, Surroundings } from '../../src/readiness/verdict.ts';

export type Scene = readonly KubernetesObject[];

export type SceneName = 'ready' | 'crash' | 'crash-early' | 'image' | 'config' | 'big' | 'quota' | 'restricted' | 'jobs' | 'claims' | 'services';

export function scene(name: SceneName): Scene {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Scene;
}

/** One node with two cores and 23.4 GiB of memory. */
export function nodes(): readonly [Node] {
  return JSON.parse(readFileSync(new URL('fixtures/nodes.json', import.meta.url), 'utf8')) as readonly [Node];
}

/** The one object of this kind whose name begins so. */
export function pick(objects: Scene, kind: string, name: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && (object.metadata.name === name || object.metadata.name.startsWith(`${name}-`)));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} ${name} in the scene`);
  return only;
}

export function around(objects: Scene, options: { readonly nodes?: readonly Node[] } = {}): Surroundings {
  return {
    pods: objects.filter(({ kind }) => kind === 'Pod') as readonly Pod[],
    endpointSlices: objects.filter(({ kind }) => kind === 'EndpointSlice') as readonly EndpointSlice[],
    events: objects.filter(({ kind }) => kind === 'Event') as readonly Event[],
    nodes: options.nodes,
  };
}

export function judge(objects: Scene, kind: string, name: string): Opinion {
  return judgeObject(pick(objects, kind, name), around(objects, { nodes: nodes() }));
}

/** Changes fields deep inside a copy; what is undefined goes away. */
export function changed(object: KubernetesObject, changes: Changes): KubernetesObject {
  return merge(object, changes) as KubernetesObject;
}

export type Changes = { readonly [field: string]: unknown };

/** The scene with one object changed. */
export function having(objects: Scene, kind: string, options: { readonly name: string; readonly changes: Changes }): Scene {
  const target = pick(objects, kind, options.name);
  return objects.map((object) => (object === target ? changed(object, options.changes) : object));
}

export function without(objects: Scene, kind: string, name: string): Scene {
  const target = pick(objects, kind, name);
  return objects.filter((object) => object !== target);
}

/** Everything that nobody else owns, as if the chart had rendered it. */
export function rendered(objects: Scene): readonly KubernetesObject[] {
  const written = objects.filter(({ kind, metadata }) => kind !== 'Event' && kind !== 'EndpointSlice' && metadata.ownerReferences === undefined);
  return written.map((object) => changed(object, { status: undefined }));
}

export function judgeScene(objects: Scene, expected: Partial<Expectations> = {}): Judgement {
  const namespace = objects[0]?.metadata.namespace ?? '';
  return judgeRelease({ objects, nodes: nodes() }, { namespace, contains: rendered(objects), mayStayUnready: [], ...expected });
}

function merge(value: unknown, changes: unknown): unknown {
  if (!isRecord(value) || !isRecord(changes)) return changes;
  const entries = Object.entries(changes).map(([key, change]) => [key, merge(value[key], change)] as const);
  return Object.fromEntries(Object.entries({ ...value, ...Object.fromEntries(entries) }).filter(([, field]) => field !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
