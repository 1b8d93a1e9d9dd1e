// Reads everything that a diagnosis is made of, once. Writes nothing: it has read-only drivers.

import type { Environment } from '../config/environment.ts';
import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import type { Node, Pod } from '../readiness/pod-shapes.ts';
import { judgeRelease } from '../readiness/release.ts';
import type { EndpointSlice, Event } from '../readiness/shapes.ts';
import { hasRule, judgedKinds } from '../readiness/table.ts';
import { describeVerdict } from '../readiness/verdict.ts';
import type { RetryOptions } from '../run/retry.ts';
import type { Diagnosis, PodFinding } from './diagnosis.ts';
import { resolveNames } from './names.ts';
import { troubledPods, type TroubledPod } from './pods.ts';
import { Reader } from './reader.ts';
import { describeServices } from './services.ts';
import { recentWarnings } from './warnings.ts';

export interface DiagnosisRequest extends Pick<RetryOptions, 'clock' | 'signal'> {
  /** Name of the release and of its namespace. */
  readonly release: string;
  /** As Helm knows it; default: the same. */
  readonly helmRelease?: string;
  readonly environment: Pick<Environment, 'dns' | 'readiness'>;
}

/** Rejects only on faults of this program: whatever could not be read is in `unread`. */
export async function gatherDiagnosis(drivers: ReadOnlyDrivers, request: DiagnosisRequest): Promise<Diagnosis> {
  const { release, environment } = request;
  const reader = new Reader(request);
  const seen = await readNamespace(drivers, reader, release);
  const balancers = seen.get(kinds.service);
  const services = balancers && describeServices(balancers);
  const [names, pods, notReady] = await Promise.all([
    resolveNames({ drivers, names: environment.dns, services }),
    diagnosePods(seen, { drivers, reader, release }),
    judgeOthers(seen, { drivers, reader, request }),
  ]);
  const events = seen.get(kinds.event);
  return {
    release,
    ...(pods !== undefined && { pods }),
    ...(notReady !== undefined && { notReady }),
    ...(services !== undefined && { services }),
    names,
    ...(events !== undefined && { warnings: recentWarnings(events as readonly Event[]) }),
    unread: reader.unread,
  };
}

type Seen = ReadonlyMap<Kind, readonly KubernetesObject[] | undefined>;

async function readNamespace({ cluster }: ReadOnlyDrivers, reader: Reader, namespace: string): Promise<Seen> {
  const lists = judgedKinds.map(async (kind) => [kind, (await reader.ask(kind.plural, () => cluster.list(kind, { namespace })))?.items] as const);
  return new Map(await Promise.all(lists));
}

interface Reading {
  readonly drivers: ReadOnlyDrivers;
  readonly reader: Reader;
  readonly release: string;
}

async function diagnosePods(seen: Seen, reading: Reading): Promise<Diagnosis['pods']> {
  const pods = seen.get(kinds.pod) as readonly Pod[] | undefined;
  if (pods === undefined) return undefined;
  const { drivers: { cluster }, reader } = reading;
  const isWaitingForNode = pods.some(({ spec }) => spec?.nodeName === undefined);
  const [nodes, everywhere] = isWaitingForNode
    ? await Promise.all([reader.ask('nodes', () => cluster.list(kinds.node, {})), reader.ask('pods of other namespaces', () => cluster.list(kinds.pod, {}))])
    : [];
  const troubled = troubledPods({
    pods,
    endpointSlices: (seen.get(kinds.endpointSlice) ?? []) as readonly EndpointSlice[],
    events: (seen.get(kinds.event) ?? []) as readonly Event[],
    nodes: nodes?.items as readonly Node[] | undefined,
    everywhere: everywhere?.items as readonly Pod[] | undefined,
  });
  return { total: pods.length, troubled: await Promise.all(troubled.map((pod, index) => withLog(pod, index, reading))) };
}

const logsRead = 5;
const tailLines = 10;

/** Only of the first few: when twenty pods crash, they crash for one reason. */
async function withLog({ finding, log }: TroubledPod, index: number, { drivers, reader, release }: Reading): Promise<PodFinding> {
  if (log === undefined || index >= logsRead) return finding;
  const reference = { kind: kinds.pod, name: log.pod, namespace: release };
  const { container, previous } = log;
  const logTail = await reader.ask(`the log of pod ${log.pod}`, () => drivers.cluster.logs(reference, { container, previous, tailLines }));
  return logTail === undefined ? finding : { ...finding, logTail };
}

interface Judging extends Pick<Reading, 'drivers' | 'reader'> {
  readonly request: DiagnosisRequest;
}

/** Undefined when a kind could not be read: what is not seen would be called missing. */
async function judgeOthers(seen: Seen, { drivers, reader, request }: Judging): Promise<readonly string[] | undefined> {
  const { release, helmRelease = release, environment } = request;
  const contains = await reader.ask(`what release ${helmRelease} contains`, () => drivers.helm.manifest(helmRelease, release));
  const lists = [...seen.values()];
  if (contains === undefined || lists.includes(undefined)) return undefined;
  // Custom kinds are not read here; the pods that they make are.
  const expected = { namespace: release, contains: contains.filter(hasRule), mayStayUnready: environment.readiness.mayStayUnready };
  const { failed, waiting, unknown } = judgeRelease({ objects: lists.flatMap((items) => items ?? []), nodes: undefined }, expected);
  return [...failed, ...waiting, ...unknown].filter(({ object }) => object.kind !== 'Pod').map(describeVerdict);
}
