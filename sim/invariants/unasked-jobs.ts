// Load jobs that could not be begun, asked after, or ended: what the cluster last answered about each was a refusal. Without strict
// checking that is one way for a job to end; whether the runner noticed it is not asked.

import { kinds, type KubernetesObject, type ObjectReference } from '../../src/drivers/cluster/objects.ts';
import type { Environment } from '../../src/config/environment.ts';
import type { Outcome, Traffic } from '../requests.ts';
import type { SimulatedWorld } from '../world.ts';

type Entry = Environment['load'][number];

export class UnaskedJobs {
  /** Refusals one after another, by release and job. */
  readonly #refused = new Map<string, number>();
  readonly #world: SimulatedWorld;
  readonly #load: () => readonly Entry[];

  constructor(world: SimulatedWorld, load: () => readonly Entry[]) {
    this.#world = world;
    this.#load = load;
    world.onTraffic((traffic) => this.#see(traffic));
  }

  has(release: string, job: string): boolean {
    const refusals = this.#refused.get(`${release}/${job}`) ?? 0;
    // One that runs, though nobody heard of it, must not be left alone: whoever was refused must have asked once more, to end it.
    return refusals >= (this.#isRunning(release, job) ? 2 : 1);
  }

  #see({ request: { driver, method }, input, moment, outcome }: Traffic): void {
    if (moment !== 'heard' || outcome === undefined || driver !== 'cluster') return;
    const { namespace, name } = askedFor(method, input) ?? {};
    if (namespace === undefined || name === undefined) return;
    for (const entry of this.#load()) {
      const isTemplate = templateOf(entry) === name;
      if (!isTemplate && !isCopy(name, entry.name)) continue;
      const key = `${namespace}/${entry.name}`;
      if (isRefusal(outcome, { isTemplate })) this.#refused.set(key, (this.#refused.get(key) ?? 0) + 1);
      // The last answer counts: whoever asks again, and is shown something, must then wait for what comes of it.
      else if ('value' in outcome && outcome.value !== undefined) this.#refused.delete(key);
    }
  }

  #isRunning(release: string, job: string): boolean {
    const jobs = this.#world.cluster.inside.store.all(kinds.job).filter(({ metadata }) => metadata.namespace === release && isCopy(metadata.name, job));
    return jobs.some(({ metadata, status }) => metadata.deletionTimestamp === undefined && !hasEnded(status));
  }
}

function hasEnded(status: unknown): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  return conditions.some(({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'));
}

const jobLike: readonly string[] = [kinds.job.kind, kinds.cronJob.kind];

function askedFor(method: string, [first, second]: readonly unknown[]): { readonly namespace?: string | undefined; readonly name: string } | undefined {
  if (method === 'create') return (first as { readonly kind: string }).kind === kinds.job.kind ? (second as KubernetesObject).metadata : undefined;
  if (method !== 'get' && method !== 'delete') return undefined;
  const reference = first as ObjectReference;
  return jobLike.includes(reference.kind.kind) ? reference : undefined;
}

function templateOf(entry: Entry): string | undefined {
  if (!('job' in entry)) return undefined;
  return 'fromJob' in entry.job ? entry.job.fromJob : 'fromCronJob' in entry.job ? entry.job.fromCronJob : undefined;
}

/** `base-858f5230-1` is a try of `base`. */
function isCopy(name: string, job: string): boolean {
  return name.startsWith(`${job}-`) && /^[0-9a-f]{8}-\d+$/.test(name.slice(job.length + 1));
}

/** A template that is not there leaves nothing to begin; that a copy is not there tells nothing: it may have yet to be made. */
function isRefusal(outcome: Outcome, { isTemplate }: { readonly isTemplate: boolean }): boolean {
  return 'error' in outcome || (isTemplate && outcome.value === undefined);
}
