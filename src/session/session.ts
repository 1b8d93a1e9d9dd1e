// What every command works with: one environment, its drivers, time, and a way to talk. Knows no command.

import type { Environment } from '../config/environment.ts';
import type { Drivers } from '../drivers/drivers.ts';
import type { Clock } from '../run/clock.ts';
import type { Reporter } from '../run/events.ts';
import type { Identities } from './identity.ts';

export interface Session {
  readonly environment: Environment;
  readonly drivers: Drivers;
  readonly clock: Clock;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
  readonly report: Reporter;
  /** For talk that belongs to no run: waiting for the lock. */
  readonly say: (line: string) => void;
  readonly identities: Identities;
}

/** The parts that reading commands need. */
export type Reading = Pick<Session, 'environment' | 'drivers' | 'clock' | 'stop' | 'say'>;
