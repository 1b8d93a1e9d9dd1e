// A steady, bounded stream of visits by several clients, and what became of it.

import { setTimeout } from 'node:timers/promises';
import type { Resolver } from '../../src/drivers/dns/dns.ts';
import { Client, type PublicName, type Visit } from './client.ts';

export interface TrafficOptions {
  readonly names: readonly PublicName[];
  readonly resolver: Resolver;
  readonly clientsPerName: number;
  /** Pause of one client between two visits. */
  readonly everyMs: number;
  /** The stream ends by itself after so many visits. */
  readonly maxVisits: number;
}

export interface Traffic {
  readonly visits: readonly Visit[];
  /** Whether its bound has ended it, so that nobody asks any more. */
  readonly ranOut: boolean;
  /** Lets the visits that are under way end. */
  stop(): Promise<void>;
}

export function startTraffic(options: TrafficOptions): Traffic {
  const visits: Visit[] = [];
  const stopped = new AbortController();
  let begun = 0;
  const clients = options.names.flatMap((name) => Array.from({ length: options.clientsPerName }, () => new Client(name, options.resolver)));
  const loops = clients.map(async (client) => {
    while (!stopped.signal.aborted && begun < options.maxVisits) {
      begun += 1;
      visits.push(await client.visit());
      await pause(options.everyMs, stopped.signal);
    }
  });
  return {
    visits,
    get ranOut() {
      return begun >= options.maxVisits;
    },
    stop: async () => {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}

/** Ends at once when the signal is given, or was given before. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

export interface TrafficSummary {
  readonly requests: number;
  readonly failed: readonly Visit[];
  /** The longest time in which one name gave no good answer, though it was asked; milliseconds. */
  readonly longestGapMs: number;
  /** Release by release: how many answers, and when its first and last one came. */
  readonly releases: readonly { readonly release: string; readonly answers: number; readonly firstAt: number; readonly lastAt: number }[];
}

export function summarize(visits: readonly Visit[]): TrafficSummary {
  const good = visits.filter(({ failure }) => failure === undefined);
  const byName = [...Map.groupBy(good, ({ name }) => name).values()];
  const byRelease = [...Map.groupBy(good, ({ release }) => release ?? 'unknown')];
  return {
    requests: visits.length,
    failed: visits.filter(({ failure }) => failure !== undefined),
    longestGapMs: Math.max(0, ...byName.map(longestGap)),
    releases: byRelease.map(([release, answers]) => ({
      release,
      answers: answers.length,
      firstAt: Math.min(...answers.map(({ at }) => at)),
      lastAt: Math.max(...answers.map(({ at }) => at)),
    })),
  };
}

function longestGap(visits: readonly Visit[]): number {
  const answered = visits.map(({ at, durationMs }) => at + durationMs).toSorted((left, right) => left - right);
  return Math.max(0, ...answered.slice(1).map((at, index) => at - (answered[index] ?? at)));
}
