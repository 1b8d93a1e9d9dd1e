// A record store and a lease store in memory, with the conflicts of the real ones. For tests of the engine alone.

import { DriverError } from '../../src/drivers/failure.ts';
import type { Lease, LeaseStore, RecordStore, Stored } from '../../src/drivers/store/store.ts';

export function conflict(attempted: string): DriverError {
  return new DriverError({ reason: 'conflict', attempted });
}

export interface MemoryRecords extends RecordStore {
  /** Every body that was ever stored, in order. */
  readonly written: string[];
}

export function memoryRecords(): MemoryRecords {
  const stored = new Map<string, Stored>();
  const written: string[] = [];
  let next = 1;
  const put = (id: string, body: string): string => {
    const version = String(next);
    next += 1;
    stored.set(id, { id, describe: `record ${id}`, body, version });
    written.push(body);
    return version;
  };
  const expect = (id: string, version: string): void => {
    if (stored.get(id)?.version !== version) throw conflict(`replace ${id}`);
  };
  return {
    written,
    maxBytes: 900 * 1_024,
    read: async (id) => stored.get(id),
    list: async () => [...stored.values()].toSorted((left, right) => left.id.localeCompare(right.id)),
    create: async (id, body) => {
      if (stored.has(id)) throw conflict(`create ${id}`);
      return put(id, body);
    },
    replace: async (id, body, version) => {
      expect(id, version);
      return put(id, body);
    },
    remove: async (id, version) => {
      expect(id, version);
      stored.delete(id);
    },
  };
}

export interface MemoryLease extends LeaseStore {
  /** Somebody else's write, past all checks. */
  force(lease: Lease): void;
}

export function memoryLease(): MemoryLease {
  let present: { readonly lease: Lease; readonly version: string } | undefined;
  let next = 1;
  const put = (lease: Lease): string => {
    present = { lease, version: String(next) };
    next += 1;
    return present.version;
  };
  return {
    describe: 'Lease changeover/changeover-prod',
    read: async () => present,
    write: async (lease, version) => {
      if (present?.version !== version) throw conflict('write lease');
      return put(lease);
    },
    force: (lease) => {
      put(lease);
    },
  };
}
