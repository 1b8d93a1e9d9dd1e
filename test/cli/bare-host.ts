// A host for command lines that reach no outside system: what is printed is kept.

import { run } from '../../src/cli/program.ts';
import type { Host } from '../../src/cli/io.ts';
import { VirtualClock } from '../../sim/clock.ts';

export interface Typed {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface BareHostOptions {
  readonly columns: number;
  /** As it is called. */
  readonly program?: string | undefined;
}

export function bareHost({ columns, program }: BareHostOptions, write: (stream: 'out' | 'err', text: string) => void): Host {
  const clock = new VirtualClock();
  return {
    ...(program === undefined ? {} : { program }),
    io: { stdout: (text) => write('out', text), stderr: (text) => write('err', text), isTerminal: false, columns, rows: 24, color: false, now: () => clock.now() },
    clock,
    stop: new AbortController().signal,
    identities: { suffix: () => 'aaaaa', holder: 'host/1' },
    inCluster: false,
    cwd: '/nowhere',
    connect: () => Promise.reject(new Error('nothing is to be connected')),
  };
}

export async function typeBare(words: readonly string[], options: BareHostOptions): Promise<Typed> {
  const written = { out: '', err: '' };
  const exitCode = await run(words, bareHost(options, (stream, text) => (written[stream] += text)));
  return { exitCode, ...written };
}
