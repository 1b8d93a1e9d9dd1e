// What reporters write to, and what they all offer. A reporter shows events in order and keeps nothing from anyone.

import type { Reporter } from '../run/events.ts';

export interface Output {
  write(text: string): void;
  /** Characters per line; Infinity where nothing needs to fit. */
  readonly columns: number;
  /** Lines that are seen at once; Infinity where nothing scrolls away. */
  readonly rows: number;
  readonly color: boolean;
}

export interface Talk {
  readonly report: Reporter;
  /** A line that belongs to no run. */
  say(line: string): void;
  /** What only those want to see who look for a fault. */
  debug(line: string): void;
  /** Ends what is drawn or ticking, so that whole texts can follow. */
  end(): void;
}
