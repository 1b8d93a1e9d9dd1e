// What one process has read or written of the cluster: none of its later reads goes back behind that, as no API server's does.

import type { Kind, ObjectReference } from '../src/drivers/cluster/objects.ts';
import type { Call } from './requests.ts';

/** Times are those of the world's clock. Kinds are looked at, not single objects: a list is as new as what it was read for. */
export class Sight {
  readonly #seenAt = new Map<string, number>();
  #helmChangedAt = -Infinity;

  /** The request has happened now, and showed or made the world of this moment. */
  note({ driver, input }: Call, at: number, { writes }: { readonly writes: boolean }): void {
    if (driver === 'helm' && writes) this.#helmChangedAt = at;
    const kind = kindOf(driver, input);
    if (kind !== undefined) this.#seenAt.set(kind, Math.max(at, this.#seenAt.get(kind) ?? -Infinity));
  }

  /** How long ago an answer may be from that wants to be so old; what Helm did may be of any kind. */
  bounded(agoMs: number, { driver, input }: Call, now: number): number {
    if (driver !== 'cluster' && driver !== 'helm') return agoMs;
    const seenAt = Math.max(this.#helmChangedAt, this.#seenAt.get(kindOf(driver, input) ?? '') ?? -Infinity);
    return Math.min(agoMs, now - seenAt);
  }
}

function kindOf(driver: string, [first]: readonly unknown[]): string | undefined {
  if (driver !== 'cluster' || typeof first !== 'object' || first === null) return undefined;
  const { kind, plural } = first as Partial<Kind> & Partial<ObjectReference>;
  return plural ?? (kind as Kind | undefined)?.plural;
}
