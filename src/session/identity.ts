// Names that must never be given twice: of releases and of runs.

import type * as Crypto from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { Environment } from '../config/environment.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface Identities {
  /** Five random characters `[a-z0-9]`. */
  suffix(): string;
  /** Who we are, for people: `host/pid`. */
  readonly holder: string;
  /** Who gives the command, for people: `ada@laptop`. Default: the holder. */
  readonly operator?: string;
}

export const realIdentities: Identities = {
  suffix: () => Array.from({ length: 5 }, () => alphabet.charAt(crypto().randomInt(alphabet.length))).join(''),
  holder: `${hostname()}/${process.pid}`,
  get operator() {
    return `${userName()}@${hostname()}`;
  },
};

/** A container may run as a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}

/** `20261121-104512-2hpwr`: sorts by time, and ends like the release that it makes. */
export function runId(now: number, suffix: string): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${suffix}`;
}

/** SHA-256 over the checked configuration: a run is only resumed under the configuration that it was planned for. */
export function configurationHash(environment: Environment): string {
  const decisive = Object.entries(environment).filter(([key]) => !indifferent.has(key));
  return crypto().createHash('sha256').update(JSON.stringify(Object.fromEntries(decisive))).digest('hex');
}

// When the runner starts and what its pod looks like is no part of what it does. Nor may a record keep a hash of passwords.
const indifferent: ReadonlySet<string> = new Set(['schedule', 'timeZone', 'minInterval', 'suspend', 'schedules', 'secrets', 'files', 'pod', 'global']);

/** Not imported above: `--version` and `--help` need no cryptography, and loading it is a tenth of their time. */
function crypto(): typeof Crypto {
  return process.getBuiltinModule('node:crypto');
}
