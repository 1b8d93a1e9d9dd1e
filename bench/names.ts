// Asks every authoritative server for every name, many times a second, for as long as names may move. Bounded in time.

import { setTimeout } from 'node:timers/promises';
import type { Server } from '../src/drivers/dns/dns.ts';
import { dnsResolver } from '../src/drivers/dns/resolver.ts';
import type { Polled } from './switching.ts';

export interface PollOptions {
  readonly servers: readonly Server[];
  readonly names: readonly string[];
  readonly everyMs: number;
  readonly atMostMs: number;
}

export interface Polling {
  /** Ends it; resolves to all that was answered. */
  stop(): Promise<readonly Polled[]>;
}

export function pollNames({ servers, names, everyMs, atMostMs }: PollOptions): Polling {
  const resolver = dnsResolver();
  const polls: Polled[] = [];
  const stopped = new AbortController();
  const until = Date.now() + atMostMs;
  const loops = servers.flatMap((server) => names.map((name) => ({ server, name }))).map(async ({ server, name }) => {
    while (!stopped.signal.aborted && Date.now() < until) {
      const answer = await resolver.query(server, name, 'A').catch(() => undefined);
      const values = answer?.kind === 'answer' ? answer.records.flatMap((set) => set.values).join() : (answer?.kind ?? 'none');
      polls.push({ server: server.name, name, at: Date.now(), answer: values });
      await setTimeout(everyMs);
    }
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
      return polls;
    },
  };
}
