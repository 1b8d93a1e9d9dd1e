// What a command is given by the process around it, or by a test. Commands touch nothing else of the process.

import type { Environment } from '../config/environment.ts';
import type { Drivers } from '../drivers/drivers.ts';
import type { Clock, Milliseconds } from '../run/clock.ts';
import type { Identities } from '../session/identity.ts';

export interface CommandIO {
  /** Data. */
  stdout(text: string): void;
  /** Talk. */
  stderr(text: string): void;
  /** Whether talk goes to a terminal that can move its cursor. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  now(): Milliseconds;
}

export interface ConnectOptions {
  /** Of the kubeconfig; default: its present one, or the pod's own account. */
  readonly context: string | undefined;
}

export interface Host {
  /** As it was called, for people: `changeover` (the default), or `kubectl changeover`. */
  readonly program?: string;
  readonly io: CommandIO;
  readonly clock: Clock;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
  readonly identities: Identities;
  readonly inCluster: boolean;
  readonly cwd: string;
  /** Reaches no outside system yet. */
  connect(environment: Environment, options: ConnectOptions): Promise<Drivers>;
}
