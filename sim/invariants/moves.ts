// I1, at once: all names of a zone move in one change of it, and no zone is left behind until another has moved. What is held up by
// others, by an outside system or by a pause is nobody's choice: a process that has met trouble since it began is not judged.

import type { Zone, ZoneChange } from '../../src/drivers/dns/dns.ts';
import type { Production } from '../production.ts';
import type { Traffic } from '../requests.ts';
import { isRequest, same, succeeded, type AnySet, type Scene } from './scene.ts';

/** What a process has asked of the zones in order to lead them to one release. */
interface Move {
  readonly beganAt: number;
  readonly asked: Set<string>;
  /** The first zone of which it has heard that it was changed. */
  first?: { readonly zone: string; readonly at: number };
}

/** From one zone that has moved until the next one is asked. */
const mostApartMs = 2_000;

/** No answer takes so long by itself, but for those of Helm, which ends long before. */
const promptMs = 1_000;

export function watchMoves({ production, violate }: Scene): void {
  const { world, names, addresses, others } = production;
  const troubledAt = new Map<number, number>();
  const moves = new Map<string, Move>();
  world.onTraffic((traffic) => {
    const { request: { process } } = traffic;
    const now = world.clock.now();
    if (isTrouble(traffic, now)) troubledAt.set(process, now);
    const moved = movedBy(traffic, production);
    if (moved === undefined) return;
    const { zone, release } = moved;
    const key = `${process} ${release}`;
    const move = moves.get(key) ?? { beganAt: now, asked: new Set() };
    moves.set(key, move);
    if (traffic.moment === 'sent' && !move.asked.has(zone.id)) {
      move.asked.add(zone.id);
      const isPrompt = move.first === undefined || now - move.first.at <= mostApartMs;
      if (!isPrompt && (troubledAt.get(process) ?? -Infinity) < move.beganAt && heldReleases(names, production).size > 1) {
        violate(`zone ${zone.id} was changed ${now - (move.first?.at ?? now)} ms after zone ${move.first?.zone}: the names led to different releases meanwhile`);
      }
    }
    if (!succeeded(traffic)) return;
    if (traffic.moment === 'heard') move.first ??= { zone: zone.id, at: now };
    if (traffic.moment !== 'done') return;
    for (const other of moves.keys()) if (!other.startsWith(`${process} `)) troubledAt.set(Number.parseInt(other, 10), now);
    const inZone = names.filter((name) => (name === zone.origin || name.endsWith(`.${zone.origin}`)) && !others.hasEdited(name));
    const led = heldReleases(inZone, { world, addresses });
    if (led.size > 1) violate(`after a change of zone ${zone.id} its names lead to ${[...led].join(' and ')}`);
  });
}

function isTrouble({ request, moment, outcome }: Traffic, now: number): boolean {
  if (moment === 'sent') return now > request.at;
  return moment === 'heard' && (now - request.at > promptMs || (outcome !== undefined && 'error' in outcome));
}

export interface Moved {
  readonly zone: Zone;
  readonly release: string;
}

/** Where a change of a zone leads its names; undefined of a change that leaves the addresses as they are, and of any other request. */
export function movedBy({ request, input }: Traffic, { addresses }: Pick<Production, 'addresses'>): Moved | undefined {
  if (!isRequest(request, 'dns', 'change')) return undefined;
  const [zone, { expected, desired }] = input as readonly [Zone, ZoneChange];
  const wanted = addressesIn(desired);
  const [release, ...further] = new Set(wanted.flatMap(({ values }) => values).flatMap((value) => addresses.releaseOf(value) ?? []));
  return release === undefined || further.length > 0 || same(addressesIn(expected), wanted) ? undefined : { zone, release };
}

function addressesIn(sets: readonly AnySet[]): readonly AnySet[] {
  return sets.filter(({ type }) => type !== 'TXT');
}

/** At the providers: that servers lag is nobody's doing. */
export function heldReleases(names: readonly string[], { world, addresses }: Pick<Production, 'world' | 'addresses'>): ReadonlySet<string> {
  return new Set(names.flatMap((name) => world.dns.held(name)).flatMap(({ values }) => values).flatMap((value) => addresses.releaseOf(value) ?? []));
}
