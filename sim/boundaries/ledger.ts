// Counts the effects that must not happen twice, however often a run dies and is resumed. Looks at the world, not at requests alone.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { publicNames, type Production } from '../production.ts';
import { watchRunnerJobs } from './trigger.ts';

export interface Ledger {
  /** What has happened twice by now, one line each. */
  problems(): readonly string[];
  /** What was recorded as done before it was, one line each. */
  premature(): readonly string[];
  /** The releases that each public name has led to since the ledger was opened, in order. */
  journeys(): ReadonlyMap<string, readonly string[]>;
}

const helmSecret = 'helm.sh/release.v1';

/** From now on. */
export function openLedger({ world }: Production): Ledger {
  const { notifications } = world;
  const made = new Map<string, number>();
  const early: string[] = [];
  const journeys = new Map<string, string[]>();
  const from = notifications.length;
  const runnerJobs = watchRunnerJobs(world);
  const firstList = world.harvester.started;
  const { store } = world.cluster.inside;

  const uidOf = (name = ''): string => store.get(kinds.namespace, undefined, name)?.metadata.uid ?? 'gone';
  store.subscribe(({ type, object }) => {
    early.push(...prematurely(object, uidOf));
    const what = type === 'ADDED' ? effectOf(object) : undefined;
    if (what === undefined) return;
    const key = `${what} of ${object.metadata.namespace} (${uidOf(object.metadata.namespace)})`;
    made.set(key, (made.get(key) ?? 0) + 1);
  });
  world.dns.onChange(() => publicNames.forEach(travel));
  publicNames.forEach(travel);

  function travel(name: string): void {
    const [primary] = world.dns.served(name);
    const values = (primary?.records ?? []).flatMap((set) => set.values).join();
    const journey = journeys.get(name) ?? [];
    if (journey.at(-1) !== values) journeys.set(name, [...journey, values]);
  }

  return {
    journeys: () => journeys,
    premature: () => [...new Set(early)],
    problems: () => [
      ...[...made].filter(([, times]) => times > 1).map(([what, times]) => `${what} was made ${times} times`),
      ...runnerJobs(),
      ...retriedLoads(made),
      ...repeatedLists(world.harvester.started - firstList, made),
      ...repeated(notifications.slice(from).map(({ event, runId }) => `${event} of run ${runId}`)).map((what) => `${what} was told twice`),
    ],
  };
}

function effectOf(object: KubernetesObject): string | undefined {
  if (object['type'] === helmSecret) return 'a Helm release';
  if (object.kind !== 'Job') return undefined;
  const { 'changeover.dev/run': run, 'changeover.dev/job': job, 'changeover.dev/step': step, 'changeover.dev/attempt': attempt } = object.metadata.annotations ?? {};
  return run === undefined ? undefined : `${step} ${job}, attempt ${attempt} for run ${run}`;
}

/** A step is complete when its effect can be seen, and not when it was asked for. */
function prematurely({ kind, data }: KubernetesObject, uidOf: (namespace: string) => string): readonly string[] {
  const text = kind === kinds.configMap.kind ? (data as { readonly record?: string } | undefined)?.record : undefined;
  if (text === undefined) return [];
  const { id, plan, steps } = JSON.parse(text) as SeenRecord;
  const isDone = steps.some(({ name, state }) => name === 'retirePrevious' && state === 'done');
  const { name = '', namespaceUid } = plan.previous ?? {};
  return isDone && uidOf(name) === namespaceUid ? [`run ${id} has retired ${name}, which is still there`] : [];
}

interface SeenRecord {
  readonly id: string;
  readonly plan: { readonly previous?: { readonly name: string; readonly namespaceUid: string } };
  readonly steps: readonly { readonly name: string; readonly state: string }[];
}

/** No load fails by itself in these scenarios, unless it is meant to: a second attempt is one too many. */
function retriedLoads(made: ReadonlyMap<string, number>): readonly string[] {
  return [...made.keys()].filter((what) => /, attempt ([2-9]|\d\d)/.test(what)).map((what) => `${what}: there was no reason to try again`);
}

/** A list is run once in each Helm release that was made; a release that is thrown away may not have come so far. */
function repeatedLists(started: number, made: ReadonlyMap<string, number>): readonly string[] {
  const releases = [...made.keys()].filter((what) => what.startsWith('a Helm release')).length;
  return started <= releases ? [] : [`${started} job lists were started in ${releases} new releases`];
}

function repeated(all: readonly string[]): readonly string[] {
  return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))];
}
