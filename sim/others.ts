// What other people did on purpose: an operator with kubectl, a third party with the zone's editor. Only notes it, so that the
// invariants do not hold against the runner what it did not do.

import type { RecordSet } from '../src/drivers/dns/dns.ts';

export class Others {
  readonly #written = new Map<string, Set<string>>();
  readonly #disturbed = new Set<string>();

  /** The values that somebody gave a name. */
  noteEdit(name: string, sets: readonly RecordSet[]): void {
    const known = this.#written.get(name) ?? new Set();
    this.#written.set(name, known.add(fingerprint(sets)));
  }

  /** Pods deleted, workloads scaled, labels edited, the namespace deleted: whatever becomes of this release is not our doing. */
  noteDisturbance(release: string): void {
    this.#disturbed.add(release);
  }

  /** Whether somebody else, at any time, gave the name exactly these records. */
  wrote(name: string, sets: readonly RecordSet[]): boolean {
    return this.#written.get(name)?.has(fingerprint(sets)) === true;
  }

  hasEdited(name: string): boolean {
    return this.#written.has(name);
  }

  hasDisturbed(release: string): boolean {
    return this.#disturbed.has(release);
  }
}

function fingerprint(sets: readonly RecordSet[]): string {
  return sets.map(({ type, ttl, values }) => [type, ttl, ...values.toSorted()].join(' ')).toSorted().join('\n');
}
