// Names that must never be given twice: of releases and of runs.

import { createHash, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { Environment } from '../config/environment.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface Identities {
  /** Five random characters `[a-z0-9]`. */
  suffix(): string;
  /** Who we are, for people: `host/pid`. */
  readonly holder: string;
}

export const realIdentities: Identities = {
  suffix: () => Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join(''),
  holder: `${hostname()}/${process.pid}`,
};

/** `20261121-104512-2hpwr`: sorts by time, and ends like the release that it makes. */
export function runId(now: number, suffix: string): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${suffix}`;
}

/** SHA-256 over the checked configuration: a run is only resumed under the configuration that it was planned for. */
export function configurationHash(environment: Environment): string {
  const decisive = Object.entries(environment).filter(([key]) => !indifferent.has(key));
  return createHash('sha256').update(JSON.stringify(Object.fromEntries(decisive))).digest('hex');
}

// When the runner starts and what its pod looks like is no part of what it does. Nor may a record keep a hash of passwords.
const indifferent: ReadonlySet<string> = new Set(['schedule', 'timeZone', 'minInterval', 'suspend', 'schedules', 'secrets', 'files', 'pod', 'global']);
