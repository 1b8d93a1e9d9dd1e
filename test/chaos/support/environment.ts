// One environment of these tests: the real program on the embedded cluster, each process under an account of its own, and what must hold
// when a command has ended. It hurts nobody.

import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Connection } from '../../../cluster/connection.ts';
import type { AuditEvent } from '../../../bench/audit.ts';
import { KubernetesWorld } from '../../kubernetes/support/world.ts';
import type { AddressBook } from './address-book.ts';
import type { ApiProxy } from './api-proxy.ts';
import { effectsOf, judge, strays, type Effects, type Ends } from './effects.ts';
import { administrator, leadingTo } from './identities.ts';
import { differences, objectsOf, volumesIn, type Get, type Listing } from './leftovers.ts';
import { leaveOf, moveProblems } from './moves.ts';
import type { PublicWatch } from './public-watch.ts';
import { ChaosRun } from './run.ts';
import type { Trails } from './trails.ts';
import { repeatedUpdates } from './zone-updates.ts';

/** Short, and long enough for a machine that does ten things at a time to renew it. */
export const leaseMs = 10_000;

/** More than enough for a volume whose claim is gone. */
const reclaimMs = 20_000;

/** What all environments share. */
export interface Stage {
  readonly connection: Connection;
  /** The program as one file, as it was when these tests began. */
  readonly program: string;
  readonly trails: Trails;
  readonly book: AddressBook;
  readonly public: PublicWatch;
  readonly get: Get;
  readonly listings: readonly Listing[];
}

/** What it does and leaves when nothing disturbs it. */
export interface Reference {
  readonly effects: Effects;
  readonly objects: readonly string[];
  readonly durationsMs: ReadonlyMap<string, number>;
}

/** What is done over and over, and killed. */
export type Command = 'rebuild' | 'rehearse' | 'rollback';

/** One of them before it begins. */
export interface Begun {
  readonly command: Command;
  readonly args: readonly string[];
  readonly before: string;
  readonly sinceMs: number;
}

type Layer = Readonly<Record<string, unknown>>;

export interface StartOptions {
  readonly args?: readonly string[];
  /** On the way to the API server. */
  readonly proxy?: Pick<ApiProxy, 'url' | 'actAs'> | undefined;
  readonly layer?: string;
}

interface Account {
  readonly identity: string;
  readonly kubeconfig: string;
}

export class ChaosEnvironment {
  readonly name: string;
  readonly world: KubernetesWorld;
  readonly stage: Stage;
  readonly layer: string;
  readonly #keys: Layer;
  #started = 0;
  #next: Promise<Account>;

  private constructor(world: KubernetesWorld, stage: Stage, file: { readonly layer: string; readonly keys: Layer }) {
    this.name = world.environment;
    this.world = world;
    this.stage = stage;
    this.layer = file.layer;
    this.#keys = file.keys;
    this.#next = this.#account();
  }

  /** Removes what an interrupted run of the same tests has left. */
  static async open(name: string, stage: Stage, more: Layer = {}): Promise<ChaosEnvironment> {
    const world = await KubernetesWorld.create(name);
    await removeClusterRoles(world);
    const keys = { ...layerOf(world), ...more };
    return new ChaosEnvironment(world, stage, { keys, layer: await world.writeLayer(keys) });
  }

  /** Another environment file, with these keys instead of the usual ones. */
  layerWith(more: Layer): Promise<string> {
    return this.world.writeLayer({ ...this.#keys, ...more });
  }

  async start(command: string, { args = [], proxy, layer = this.layer }: StartOptions = {}): Promise<ChaosRun> {
    const { connection, program } = this.stage;
    // Made in advance: what takes over is to be begun at once.
    const account = this.#next;
    this.#next = this.#account();
    const { identity, kubeconfig } = await account;
    proxy?.actAs(kubeconfig);
    const chosen = proxy === undefined ? kubeconfig : await leadingTo(proxy.url, kubeconfig);
    const env = { KUBECONFIG: chosen, PATH: `${connection.binDir}${delimiter}${process.env['PATH'] ?? ''}`, NO_COLOR: '1', NODE_COMPILE_CACHE: `${program}.cache` };
    return new ChaosRun({ program, identity, env, args: [command, ...args, '-f', layer, '--log', 'json'] });
  }

  async #account(): Promise<Account> {
    this.#started += 1;
    const identity = `chaos:${this.name}:${this.#started}`;
    return { identity, kubeconfig: await administrator(this.stage.connection, { name: identity, directory: this.world.directory }) };
  }

  /** Runs it undisturbed; throws when it does not end well. */
  async succeed(command: string, options: StartOptions = {}): Promise<ChaosRun> {
    const runs = await this.finish(await this.start(command, options), command);
    const run = runs.at(-1) as ChaosRun;
    const { exitCode } = await run.ended;
    if (exitCode !== 0) throw new Error(`${this.name}: ${command} ended with ${exitCode}:\n${run.tail()}`);
    return run;
  }

  /** Begins it again as often as it loses its lock (75), as its Job would. Resolves to all of them; the last one has really ended. */
  async finish(run: ChaosRun, command = 'rebuild'): Promise<readonly ChaosRun[]> {
    const { exitCode } = await run.ended;
    return exitCode === 75 ? [run, ...(await this.finish(await this.start(command), command))] : [run];
  }

  /** From now on the public must always have an answer. */
  watch(): void {
    for (const name of this.world.names) this.stage.public.add(name, this.name);
  }

  async requestsOf(identities: readonly string[]): Promise<readonly AuditEvent[]> {
    await this.stage.trails.refresh();
    return this.stage.trails.requestsOf(identities);
  }

  async onlyRelease(): Promise<string> {
    const releases = await this.world.releases();
    const [release] = releases;
    if (release === undefined || releases.length > 1) throw new Error(`${this.name} has ${releases.length} releases: ${releases.join(', ')}`);
    return release;
  }

  /** A rollback leads to the other one of two releases. */
  async begin(command: Command): Promise<Begun> {
    const before = await this.#live();
    const [other = ''] = (await this.world.releases()).filter((release) => release !== before);
    return { command, before, args: command === 'rollback' ? ['--to', other] : [], sinceMs: Date.now() };
  }

  /** Where the public must be after it; throws when there are more or fewer releases than it leaves. */
  async after({ command, before, args: [, other = ''] }: Begun): Promise<string> {
    if (command === 'rollback') return other;
    const only = await this.onlyRelease();
    return command === 'rebuild' ? only : before;
  }

  /** By the primary's answer for the first name. */
  async #live(): Promise<string> {
    const [address = ''] = await this.world.dig(this.world.names[0] ?? '', 'primary');
    const release = this.stage.book.namespaceOf(address);
    if (release === undefined) throw new Error(`${this.name}: ${this.world.names[0]} is ${address || 'nothing'}, which no release has had`);
    return release;
  }

  /** By BIND's log, as far as it was read. */
  moveProblems({ runs, sinceMs, ...ends }: Together): readonly string[] {
    const { trails, book } = this.stage;
    const { names } = this.world;
    return moveProblems(names, { addresses: trails.updatesOf(names, sinceMs), owners: trails.ownersOf(names, sinceMs), releaseOf: book.namespaceOf }, leaveOf(runs, ends));
  }

  /** At one moment; but a volume goes after its claim, in the control plane's own time, and is looked at again until then. */
  async objects(): Promise<readonly string[]> {
    const first = await objectsOf(this.name, this.stage);
    let volumes = volumesIn(first);
    for (const until = Date.now() + reclaimMs; volumes.bound.length > volumes.claims && Date.now() < until; await setTimeout(250)) volumes = volumesIn(await objectsOf(this.name, this.stage));
    return [...first.filter((line) => !volumesIn([line]).bound.includes(line)), ...volumes.bound].toSorted();
  }

  /** Both servers give an address of this release for every name. */
  async answersProblems(release: string): Promise<readonly string[]> {
    const asked = this.world.names.flatMap((name) => (['primary', 'secondary'] as const).map((server) => ({ name, server })));
    const looks = await Promise.all(asked.map(async ({ name, server }) => ({ name, server, answers: await this.world.dig(name, server) })));
    const wrong = looks.filter(({ answers }) => answers.length !== 1 || this.stage.book.namespaceOf(answers[0] ?? '') !== release);
    return wrong.map(({ name, server, answers }) => `${name} at the ${server} is ${answers.join(', ') || 'nothing'}, not ${release}`);
  }

  async close(): Promise<void> {
    await this.#next;
    for (const name of this.world.names) this.stage.public.remove(name);
    await removeClusterRoles(this.world);
    await this.world.end();
  }
}

/** What one undisturbed rebuild (rehearsal, rollback) does, so that others can be compared with it. */
export async function referenceOf(environment: ChaosEnvironment, command: Command): Promise<Reference> {
  const begun = await environment.begin(command);
  const run = await environment.succeed(command, { args: begun.args });
  const ends = { environment: environment.name, before: begun.before, after: await environment.after(begun) };
  const requests = await environment.requestsOf([run.identity]);
  const problems = [...strays(requests, environment.name), ...environment.moveProblems({ runs: [run], sinceMs: begun.sinceMs, ...ends })];
  if (problems.length > 0) throw new Error(`${environment.name}: what is to be compared with is not as it should be:\n    ${problems.join('\n    ')}`);
  const done = run.events.filter(({ type }) => type === 'stepDone');
  return {
    effects: effectsOf(requests, ends),
    objects: await environment.objects(),
    durationsMs: new Map(done.map(({ step = '', durationMs = 0 }) => [step, durationMs])),
  };
}

export interface Together extends Ends {
  readonly runs: readonly ChaosRun[];
  readonly sinceMs: number;
}

/** Everything that must hold after runs that together have done once what an undisturbed run does. */
export async function problemsAfter(environment: ChaosEnvironment, { runs, sinceMs, ...ends }: Together, clean: Reference): Promise<{ readonly problems: readonly string[]; readonly repeatedDeletes: number; readonly thrownAway: number }> {
  const { names } = environment.world;
  const { trails, public: watch } = environment.stage;
  const requests = await environment.requestsOf(runs.map(({ identity }) => identity));
  const judged = judge(requests, ends, clean.effects);
  const problems = [
    ...judged.problems,
    ...strays(requests, environment.name),
    ...repeatedUpdates(trails.updatesOf(names, sinceMs)),
    ...environment.moveProblems({ runs, sinceMs, ...ends }),
    ...(await environment.answersProblems(ends.after)),
    ...differences(clean.objects, await environment.objects()),
    ...watch.problems(names),
  ];
  return { ...judged, problems };
}

/** Few pods and no needless wait: what these tests are about is what happens in between. */
function layerOf(world: KubernetesWorld): Layer {
  const [www = '', search = ''] = world.names;
  return {
    dns: [
      { zone: 'example.test', name: www, service: 'ingress', ttl: 5 },
      { zone: 'second.test', name: search, service: 'search-ingress', ttl: 5 },
    ],
    release: { chart: { path: join(import.meta.dirname, '../chart') } },
    runner: { namespace: `changeover-${world.environment}`, leaseDuration: `${leaseMs / 1_000}s`, keepRecords: 3 },
  };
}

/** They go with a release that is uninstalled, and not with a namespace. */
async function removeClusterRoles(world: KubernetesWorld): Promise<void> {
  const all = (await world.kubectl('get', 'clusterroles', '-o', 'jsonpath={.items[*].metadata.name}')).split(' ');
  const own = all.filter((name) => new RegExp(`^${world.environment}-[a-z0-9]{5}$`).test(name));
  if (own.length > 0) await world.kubectl('delete', 'clusterroles', ...own, '--ignore-not-found');
}
