// I7, unknown is not empty: nothing is taken away on the strength of a question that was not answered, and no name is given only a
// part of what its Service has.

import { kinds, type Kind } from '../../src/drivers/cluster/objects.ts';
import type { RecordSet, Server, Zone, ZoneChange } from '../../src/drivers/dns/dns.ts';
import { findService, serviceAddresses } from '../../src/steps/services.ts';
import type { Traffic } from '../requests.ts';
import { releaseToGo } from './i3-nothing-live-deleted.ts';
import { isRequest, planOf, same, type AnySet, type Invariant, type Scene } from './scene.ts';

export const unknown: Invariant = (scene) => {
  const answers = watchAnswers(scene);
  const { production: { world }, violate } = scene;
  world.onTraffic((traffic) => {
    if (traffic.moment !== 'arrives') return;
    const { request } = traffic;
    if (isRequest(request, 'dns', 'change')) for (const problem of changeProblems(traffic, scene, answers)) violate(`${request.text}: ${problem}`);
    const release = releaseToGo(traffic);
    const namespace = release === undefined ? undefined : world.cluster.inside.store.get(kinds.namespace, undefined, release);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    for (const question of neededBefore(scene)) if (!answers.isKnown(request.process, question)) violate(`${request.text}, and it was not known: ${question}`);
  });
  return undefined;
};

/** What led to a deletion is asked right before it; Helm may take its time in between. */
const freshMs = 15 * 60_000;

interface Answers {
  /** Answered, not long ago, and not followed by a question that failed. */
  isKnown(process: number, question: string): boolean;
  read(process: number, name: string): readonly RecordSet[] | undefined;
}

function watchAnswers({ production: { world } }: Scene): Answers {
  const known = new Map<string, { readonly askedAt: number; readonly answeredAt: number }>();
  const reads = new Map<string, readonly RecordSet[]>();
  world.onTraffic((traffic) => {
    const { request, outcome, moment } = traffic;
    const question = moment === 'heard' ? questionOf(traffic) : undefined;
    if (question === undefined || outcome === undefined) return;
    const key = `${request.process} ${question}`;
    if ('value' in outcome) known.set(key, { askedAt: request.at, answeredAt: world.clock.now() });
    // An old question that fails late takes nothing from what a younger one has brought.
    else if (request.at >= (known.get(key)?.askedAt ?? -Infinity)) known.delete(key);
    if ('value' in outcome && isRequest(request, 'dns', 'read')) reads.set(key, outcome.value as readonly RecordSet[]);
  });
  return {
    isKnown: (process, question) => (known.get(`${process} ${question}`)?.answeredAt ?? -Infinity) >= world.clock.now() - freshMs,
    read: (process, name) => reads.get(`${process} what ${name} holds`),
  };
}

function questionOf({ request, input }: Traffic): string | undefined {
  if (isRequest(request, 'dns', 'read')) return `what ${(input as [Zone, string])[1]} holds`;
  if (isRequest(request, 'resolver', 'query')) {
    const [server, name] = input as [Server, string];
    return `what ${server.name} answers for ${name}`;
  }
  return isRequest(request, 'cluster', 'list') && (input[0] as Kind).kind === kinds.namespace.kind ? 'which releases there are' : undefined;
}

function neededBefore({ production: { world, names } }: Scene): readonly string[] {
  const perName = names.flatMap((name) => [`what ${name} holds`, ...world.dns.served(name).map(({ server }) => `what ${server.name} answers for ${name}`)]);
  return ['which releases there are', ...perName];
}

function changeProblems({ request, input }: Traffic, scene: Scene, answers: Answers): readonly string[] {
  const { expected, desired } = input[1] as ZoneChange;
  const { production: { names }, records } = scene;
  const changed = names.filter((name) => [...expected, ...desired].some((set) => set.name === name));
  return changed.flatMap((name) => {
    const own = (sets: readonly AnySet[]): readonly AnySet[] => sets.filter((set) => set.name === name);
    const before = planOf(records.ofProcess(request.process))?.names.find((planned) => planned.name === name)?.before;
    const read = answers.read(request.process, name);
    const unread = read !== undefined && same(read, own(expected)) ? [] : [`what is expected of ${name} is not what was read last`];
    const goesBack = before !== undefined && same(before, own(desired));
    // Whoever takes over a run says so beside the name, and leaves the addresses to whomever they are of.
    const stays = same(own(expected), own(desired));
    return goesBack || stays ? unread : [...unread, ...incomplete(name, own(desired), scene)];
  });
}

function incomplete(name: string, desired: readonly AnySet[], { production: { world, addresses, commands } }: Scene): readonly string[] {
  const [value] = desired.flatMap((set) => set.values);
  if (value === undefined) return [`${name} would be left without an answer`];
  const wanted = commands.at(-1)?.environment.dns.find((entry) => entry.name === name)?.service ?? '';
  const { service } = findService(world.cluster.inside.store.all(kinds.service, addresses.releaseOf(value)), wanted);
  const { A = [], AAAA = [], CNAME } = service === undefined ? {} : serviceAddresses(service);
  const all = CNAME === undefined ? [...A, ...AAAA] : [CNAME];
  const given = desired.flatMap((set) => set.values);
  const isAll = all.length === given.length && all.every((address) => given.includes(address));
  return isAll ? [] : [`${name} would be given ${given.join(', ')}, but its Service has ${all.join(', ')}`];
}
