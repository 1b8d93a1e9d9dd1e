// A release without Helm: objects put into a namespace of the test's own, and the step that waits for them, on real time.

import { kinds, type Kind, type KubernetesObject } from '../../../src/drivers/cluster/objects.ts';
import { connectCluster } from '../../../src/drivers/cluster/client.ts';
import type { Cluster } from '../../../src/drivers/cluster/cluster.ts';
import type { Drivers } from '../../../src/drivers/drivers.ts';
import { directHttp } from '../../../src/drivers/http/request.ts';
import { Failure } from '../../../src/errors.ts';
import { systemClock } from '../../../src/run/system-clock.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { waitUntilReady, type ReadyResult } from '../../../src/steps/waitUntilReady.ts';
import type { World } from '../../../src/steps/world.ts';
import { loadTestEnvironment } from '../../../sim/environment.ts';
import { connectionOptions, makeNamespace, removeNamespace } from './namespaces.ts';

export interface Waited {
  readonly result: ReadyResult | undefined;
  readonly failure: Failure | undefined;
  readonly durationMs: number;
  /** Sent by the step itself to the API server. */
  readonly requests: number;
  readonly namespace: string;
}

export interface WaitingSetup {
  readonly objects: readonly KubernetesObject[];
  /** Keys of the environment file; `dns` names the Services to be reached. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Labels of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Creates the objects, waits for them as a run would, and removes the namespace again. */
export async function waitForRelease({ objects, configuration = {}, labels = {} }: WaitingSetup): Promise<Waited> {
  let requests = 0;
  const cluster = await connectCluster({ ...connectionOptions(), onRequest: () => (requests += 1) });
  const namespace = await makeNamespace(cluster, 'ready');
  try {
    await cluster.patch({ kind: kinds.namespace, name: namespace }, { metadata: { labels } });
    for (const object of objects) await cluster.create(kindOf(object), { ...object, metadata: { ...object.metadata, namespace } });
    requests = 0;
    const startedAt = Date.now();
    const outcome = await attempt(context({ cluster, objects, namespace, configuration }));
    return { ...outcome, durationMs: Date.now() - startedAt, requests, namespace };
  } finally {
    await removeNamespace(cluster, namespace);
  }
}

async function attempt(stepContext: StepContext<World, unknown>): Promise<Pick<Waited, 'result' | 'failure'>> {
  try {
    return { result: await waitUntilReady.act(stepContext), failure: undefined };
  } catch (error) {
    if (error instanceof Failure) return { result: undefined, failure: error };
    throw error;
  }
}

interface Place {
  readonly cluster: Cluster;
  readonly objects: readonly KubernetesObject[];
  readonly namespace: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

function context({ cluster, objects, namespace, configuration }: Place): StepContext<World, unknown> {
  const helm = { manifest: async () => objects };
  const drivers = { cluster, helm, http: directHttp() } as unknown as Drivers;
  return {
    world: { drivers, environment: loadTestEnvironment(configuration), plan: { candidate: namespace } as World['plan'] },
    results: {},
    run: { id: 'run-1', operation: 'rebuild', epoch: 1 },
    clock: systemClock,
    signal: AbortSignal.timeout(90_000),
    report: () => undefined,
    warn: () => undefined,
    note: async () => undefined,
    noted: undefined,
  };
}

function kindOf({ apiVersion, kind }: KubernetesObject): Kind {
  const found = Object.values(kinds).find((known) => known.apiVersion === apiVersion && known.kind === kind);
  if (found === undefined) throw new Error(`no kind ${apiVersion} ${kind}`);
  return found;
}
