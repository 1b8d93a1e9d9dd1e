// Which releases may serve the public: those that served before, and those that this world has seen loaded and verified. Believes
// Jobs, harvesters and HTTP answers as they were, never what a runner says or writes about them.

import type { Environment } from '../../src/config/environment.ts';
import type { HttpRequest, HttpResponse } from '../../src/drivers/http/http.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { annotations } from '../../src/plan/ownership.ts';
import { serviceAt } from '../http.ts';
import type { Traffic } from '../requests.ts';
import type { SimulatedWorld } from '../world.ts';
import type { AddressBook } from './addresses.ts';
import { UnaskedJobs } from './unasked-jobs.ts';

export interface FitnessOptions {
  readonly names: readonly string[];
  readonly addresses: AddressBook;
  /** The one in force now. */
  readonly environment: () => Environment;
}

export class Fitness {
  /** Releases that names led to while they were fit, and those that served when this world was first seen. */
  readonly served: ReadonlySet<string>;
  readonly #served = new Set<string>();
  readonly #seen = new Set<string>();
  /** Ids of ended job lists, by release and end. */
  readonly #lists = new Map<string, Set<string>>();
  readonly #unasked: UnaskedJobs;
  readonly #world: SimulatedWorld;
  readonly #options: FitnessOptions;

  constructor(world: SimulatedWorld, options: FitnessOptions) {
    this.#world = world;
    this.#options = options;
    this.served = this.#served;
    this.#unasked = new UnaskedJobs(world, () => options.environment().load);
    for (const release of [...this.#namedNow(), ...markedAsServing(world)]) this.#served.add(release);
    world.dns.onChange(() => {
      for (const release of this.#namedNow()) if (this.isFit(release)) this.#served.add(release);
    });
    world.cluster.inside.store.subscribe(({ kind, object, type }) => {
      if (kind.kind === kinds.job.kind) this.#seeJob(object, { isGone: type === 'DELETED' });
    });
    world.onTraffic((traffic) => this.#seeAnswer(traffic));
  }

  isFit(release: string): boolean {
    return this.problemOf(release) === undefined;
  }

  problemOf(release: string): string | undefined {
    if (this.#served.has(release) || this.#isAdopted(release)) return undefined;
    return this.loadProblem(release) ?? this.#verificationProblem(release);
  }

  /** Nobody loaded it here: whoever adopts a release vouches for it. */
  #isAdopted(release: string): boolean {
    const namespace = this.#world.cluster.inside.store.get(kinds.namespace, undefined, release);
    return namespace?.metadata.annotations?.[annotations.adopted] !== undefined;
  }

  /** Which load job of the run that made the release has not ended well; without strict checking: not ended. */
  loadProblem(release: string): string | undefined {
    const { load, strictErrorChecking } = this.#options.environment();
    // Not strict, a job may also be given up, when its time is up or it cannot be asked: its runner ends it and goes on. And it may be
    // missing or unreadable: then there is nothing to wait for.
    const wanted = strictErrorChecking ? ['succeeded'] : ['succeeded', 'failed', 'given up'];
    const hasEnded = ({ name }: (typeof load)[number]): boolean =>
      wanted.some((end) => this.#seen.has(this.#jobKey(release, ['loadData', name, end]))) || (!strictErrorChecking && this.#unasked.has(release, name));
    const lists = load.filter((entry) => 'jobList' in entry);
    const endedLists = wanted.flatMap((end) => [...(this.#lists.get(`${release} ${end}`) ?? [])]);
    const missing = load.find((entry) => ('job' in entry ? !hasEnded(entry) : endedLists.length < lists.length));
    return missing === undefined ? undefined : `load job ${missing.name} of ${release} has not ended ${strictErrorChecking ? 'well' : 'at all'}`;
  }

  #verificationProblem(release: string): string | undefined {
    const { verify } = this.#options.environment();
    const unchecked = verify.http.find(({ url }) => !this.#seen.has(`${release}/checked ${placeOf(url)}`));
    if (unchecked !== undefined) return `${unchecked.url} never came back from ${release} as it should`;
    if (verify.helmTest && !this.#seen.has(`${release}/helm test`)) return `helm test has not passed on ${release}`;
    const job = verify.jobs.find(({ name }) => !this.#seen.has(this.#jobKey(release, ['verifyRelease', name, 'succeeded'])));
    return job === undefined ? undefined : `check job ${job.name} of ${release} has not ended well`;
  }

  #jobKey(release: string, parts: readonly string[]): string {
    const namespace = this.#world.cluster.inside.store.get(kinds.namespace, undefined, release);
    return [release, namespace?.metadata.annotations?.[annotations.run] ?? 'no run', ...parts].join('/');
  }

  #seeJob({ metadata, status }: KubernetesObject, { isGone }: { readonly isGone: boolean }): void {
    const marks = metadata.annotations ?? {};
    const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
    const ended = conditions.find(({ type, status: holds }) => holds === 'True' && (type === 'Complete' || type === 'Failed'));
    const isGivenUp = isGone || metadata.deletionTimestamp !== undefined;
    if ((ended === undefined && !isGivenUp) || marks['changeover.dev/run'] === undefined) return;
    const end = ended === undefined ? 'given up' : ended.type === 'Complete' ? 'succeeded' : 'failed';
    this.#seen.add([metadata.namespace, marks['changeover.dev/run'], marks['changeover.dev/step'], marks['changeover.dev/job'], end].join('/'));
  }

  #seeAnswer({ request: { driver, method }, input, moment, outcome }: Traffic): void {
    if (moment !== 'done' || outcome === undefined || !('value' in outcome)) return;
    if (driver === 'helm' && method === 'test') this.#seen.add(`${String(input[1])}/helm test`);
    if (driver === 'http') this.#seePage(input[0] as HttpRequest, outcome.value as HttpResponse);
  }

  #seePage(request: HttpRequest, response: HttpResponse): void {
    const release = serviceAt(this.#world.cluster.inside, request.connectTo ?? new URL(request.url).hostname)?.metadata.namespace;
    if (release === undefined) return;
    const check = this.#options.environment().verify.http.find(({ url }) => placeOf(url) === placeOf(request.url));
    if (check?.status === response.status && this.loadProblem(release) === undefined) this.#seen.add(`${release}/checked ${placeOf(check.url)}`);
    const [, list] = /\/job\/list\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
    const end = list === undefined ? undefined : endOfList(list, response.body);
    if (list === undefined || end === undefined) return;
    const key = `${release} ${end}`;
    this.#lists.set(key, (this.#lists.get(key) ?? new Set()).add(list));
  }

  #namedNow(): readonly string[] {
    const { names, addresses } = this.#options;
    const values = names.flatMap((name) => this.#world.dns.served(name).flatMap(({ records }) => records.flatMap((set) => set.values)));
    return values.flatMap((value) => addresses.releaseOf(value) ?? []);
  }
}

function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function endOfList(asked: string, body: string): 'succeeded' | 'failed' | undefined {
  const { id, status, jobConfigurations = [] } = jsonOf(body);
  // The list of another run may have ended well: that tells nothing of this one.
  if (id !== asked || status !== 'Completed') return undefined;
  return jobConfigurations.every(({ jobExitCode }) => jobExitCode === 'COMPLETED') ? 'succeeded' : 'failed';
}

interface ListAnswer {
  readonly id?: string;
  readonly status?: string;
  readonly jobConfigurations?: readonly { readonly jobExitCode?: string }[];
}

function jsonOf(body: string): ListAnswer {
  try {
    return JSON.parse(body) as ListAnswer;
  } catch {
    return {};
  }
}

function markedAsServing({ cluster }: SimulatedWorld): readonly string[] {
  const marked = cluster.inside.store.all(kinds.namespace).filter(({ metadata }) => ['live', 'previous'].includes(metadata.annotations?.[annotations.state] ?? ''));
  return marked.map(({ metadata }) => metadata.name);
}
