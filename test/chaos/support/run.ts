// One process of the program under test: its events as they come, its end, and every way to hurt it. It judges nothing.

import { setTimeout } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { descendantsOf } from './processes.ts';

/** One line of `--log json`; events of the run keep their own fields (src/run/events.ts). */
export interface LoggedEvent {
  readonly type?: string;
  readonly step?: string;
  readonly msg?: string;
  readonly time: string;
  readonly durationMs?: number;
  readonly resumed?: boolean;
  readonly unwinding?: boolean;
  readonly outcome?: string;
  readonly failure?: { readonly code: string; readonly facts: { readonly summary: string; readonly details?: readonly string[] } };
  readonly steps?: readonly { readonly name: string; readonly state?: string }[];
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly at: number;
}

export interface Launch {
  /** Of the program, as one file. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** As whom the API server knows it. */
  readonly identity: string;
}

export class ChaosRun {
  readonly identity: string;
  readonly startedAt = Date.now();
  readonly events: LoggedEvent[] = [];
  readonly ended: Promise<Ended>;
  readonly #process;
  #waiting: (() => void)[] = [];
  #isOver = false;

  constructor({ program, args, env, identity }: Launch) {
    this.identity = identity;
    this.#process = execa(process.execPath, [program, ...args], { env, reject: false, buffer: false, stdin: 'ignore', stdout: 'ignore' });
    this.ended = this.#follow();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The step that it is in, or whose undoing it is in. */
  get step(): string {
    const last = this.events.findLast(({ type }) => type === 'stepStarted' || type === 'undoStarted');
    return last === undefined ? 'start' : `${last.type === 'undoStarted' ? 'undo ' : ''}${last.step}`;
  }

  /** Undefined when the process ended without such an event. */
  async until(wanted: (event: LoggedEvent) => boolean): Promise<LoggedEvent | undefined> {
    for (let seen = 0; ; ) {
      const found = this.events.slice(seen).find(wanted);
      if (found !== undefined || this.#isOver) return found;
      seen = this.events.length;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits, but no longer than it lives. */
  async pause(forMs: number): Promise<void> {
    await Promise.race([this.ended, setTimeout(forMs, undefined, { ref: false })]);
  }

  /** The process alone, or with all that it has started, as a pod or a machine is lost. */
  signal(signal: NodeJS.Signals, whom: 'runner' | 'tree' = 'runner'): number {
    const below = whom === 'tree' ? descendantsOf(this.pid) : [];
    const at = Date.now();
    if (!this.#isOver) for (const pid of [this.pid, ...below]) send(pid, signal);
    return at;
  }

  /** The last lines, for a story. */
  tail(lines = 12): string {
    return this.events.slice(-lines).map(({ time, type = '', step = '', msg = '' }) => `    ${time} ${type} ${step} ${msg}`).join('\n');
  }

  async #follow(): Promise<Ended> {
    const lines = createInterface({ input: this.#process.stderr });
    lines.on('line', (line) => this.#take(line));
    const read = new Promise<void>((resolve) => lines.once('close', resolve));
    const { exitCode } = await this.#process;
    const at = Date.now();
    await read;
    this.#isOver = true;
    this.#wake();
    return { exitCode, at };
  }

  #take(line: string): void {
    try {
      this.events.push(JSON.parse(line) as LoggedEvent);
    } catch {
      this.events.push({ time: new Date().toISOString(), msg: line });
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
