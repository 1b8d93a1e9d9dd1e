// Starts components inside the cluster's namespaces and notices when one ends during the boot. It never restarts any.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startInBackground, tail } from './command.ts';
import type { Component } from './components/component.ts';
import type { Layout } from './layout.ts';
import { enterInit } from './namespaces.ts';
import { componentMark } from './processes.ts';

// Components find `runc`, `iptables` and the CNI plugins' helpers here; they need nothing else of the caller.
const path = process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin';

export class Supervisor {
  readonly #layout: Layout;
  readonly #init: number;
  readonly #failure: Promise<never>;
  #fail: (error: Error) => void = () => undefined;

  constructor(layout: Layout, init: number) {
    this.#layout = layout;
    this.#init = init;
    this.#failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Between two waits nobody listens, and Node ends a process with an unheard rejection.
    this.#failure.catch(() => undefined);
  }

  /** Failure of one is a failure of the boot, whichever part of it is being awaited. */
  start(component: Component): void {
    const logFile = logFileOf(this.#layout, component.name);
    const env = { PATH: path, ...componentMark(this.#layout.key, component.name) };
    const { exited } = startInBackground(enterInit(this.#init, component.argv), logFile, env);
    void exited.then((how) => {
      const log = tail(readFileSync(logFile, 'utf8'), 15);
      this.#fail(new Error(`${component.name} ended (${how}). The end of ${logFile}:\n${log}`));
    });
  }

  /** What `work` returns, unless a component ends first. */
  async orFailure<T>(work: Promise<T>): Promise<T> {
    return await Promise.race([work, this.#failure]);
  }
}

/** One file for each component, from its first line to its last. */
export function logFileOf(layout: Pick<Layout, 'logsDir'>, name: string): string {
  return join(layout.logsDir, `${name}.log`);
}
