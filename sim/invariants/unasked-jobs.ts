// Load jobs that could not be begun, asked after, or ended: what the cluster last answered about each was a refusal. Without strict
// checking that is one way for a job to end; whether the runner noticed it is not asked.

import { kinds, type KubernetesObject, type ObjectReference } from '../../src/drivers/cluster/objects.ts';
import type { Environment } from '../../src/config/environment.ts';
import type { Outcome, Traffic } from '../requests.ts';
import type { SimulatedWorld } from '../world.ts';

type Entry = Environment['load'][number];

export class UnaskedJobs {
  readonly #refused = new Set<string>();
  readonly #load: () => readonly Entry[];

  constructor(world: SimulatedWorld, load: () => readonly Entry[]) {
    this.#load = load;
    world.onTraffic((traffic) => this.#see(traffic));
  }

  has(release: string, job: string): boolean {
    return this.#refused.has(`${release}/${job}`);
  }

  #see({ request: { driver, method }, input, moment, outcome }: Traffic): void {
    if (moment !== 'heard' || outcome === undefined || driver !== 'cluster') return;
    const { namespace, name } = askedFor(method, input) ?? {};
    if (namespace === undefined || name === undefined) return;
    for (const entry of this.#load()) {
      const isTemplate = templateOf(entry) === name;
      if (!isTemplate && !isCopy(name, entry.name)) continue;
      // The last answer counts: whoever asks again, and is answered, must then wait for what comes of it.
      const key = `${namespace}/${entry.name}`;
      if (isRefusal(outcome, { isTemplate })) this.#refused.add(key);
      else this.#refused.delete(key);
    }
  }
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

/** A template that is not there leaves nothing to begin; a copy that is not there is one that has yet to be made. */
function isRefusal(outcome: Outcome, { isTemplate }: { readonly isTemplate: boolean }): boolean {
  return 'error' in outcome || (isTemplate && outcome.value === undefined);
}
