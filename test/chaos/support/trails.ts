// What the referees wrote down about this process's environments: the API server's audit log and BIND's log of updates. It only reads.

import { open, stat } from 'node:fs/promises';
import type { Connection } from '../../../cluster/connection.ts';
import { parseAudit, type AuditEvent } from '../../../bench/audit.ts';
import { parseOwners, parseUpdates, type OwnerUpdate, type ZoneUpdate } from './zone-updates.ts';

/** All accounts of these tests are called `chaos:ENVIRONMENT:NUMBER`. */
const accounts = '"username":"chaos:';

export interface Trails {
  /** Reads what was written since it was last called. Both logs are written when a request has been answered. */
  refresh(): Promise<void>;
  requestsOf(identities: readonly string[]): readonly AuditEvent[];
  updatesOf(names: readonly string[], sinceMs: number): readonly ZoneUpdate[];
  /** Of the owner records beside these names. */
  ownersOf(names: readonly string[], sinceMs: number): readonly OwnerUpdate[];
}

export async function followTrails({ auditLog, dns }: Connection): Promise<Trails> {
  const audit = await follow(auditLog);
  const updates = await follow(dns.primary.updateLog);
  const requests = new Map<string, AuditEvent[]>();
  const changes: ZoneUpdate[] = [];
  const owners: OwnerUpdate[] = [];
  let refreshing = Promise.resolve();

  async function read(): Promise<void> {
    const own = (await audit()).filter((line) => line.includes(accounts));
    for (const event of parseAudit([...own, ''].join('\n'))) {
      const known = requests.get(event.user) ?? [];
      requests.set(event.user, [...known, event]);
    }
    const lines = await updates();
    changes.push(...parseUpdates(lines));
    owners.push(...parseOwners(lines));
  }

  return {
    // One after another: several environments share the place in the files.
    refresh: () => (refreshing = refreshing.then(read)),
    requestsOf: (identities) => identities.flatMap((identity) => requests.get(identity) ?? []).toSorted((left, right) => left.receivedAt - right.receivedAt),
    updatesOf: (names, sinceMs) => changes.filter(({ name, at }) => names.includes(name) && at >= sinceMs),
    ownersOf: (names, sinceMs) => owners.filter(({ name, at }) => names.includes(name) && at >= sinceMs),
  };
}

/** Each call gives the whole lines that were written since the one before. */
async function follow(file: string): Promise<() => Promise<readonly string[]>> {
  let position = await sizeOf(file);
  let rest = Buffer.alloc(0);
  return async () => {
    const size = await sizeOf(file);
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.max(0, size - position)), 0, Math.max(0, size - position), position);
      position += bytesRead;
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf('\n') + 1;
      rest = text.subarray(end);
      return text.subarray(0, end).toString('utf8').split('\n').filter((line) => line !== '');
    } finally {
      await handle.close();
    }
  };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size;
}
