// Whole commands in this process, on a simulated production: an operator's terminal, and what is printed on it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run } from '../../src/cli/program.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import type { Host } from '../../src/cli/io.ts';
import type { Scenario } from '../../sim/world.ts';
import { production, type Production } from '../../sim/production.ts';

export interface Printed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly isTerminal?: boolean;
  readonly inCluster?: boolean;
  /** Who runs the command; default `host/1`. In a pod: `<its name>/1`. */
  readonly holder?: string;
  readonly stop?: AbortController;
  /** As it is called; default: `changeover`. */
  readonly program?: string;
  /** Called with everything that is written to standard error. */
  readonly onTalk?: (text: string) => void;
  /** Puts something before the simulated drivers. */
  readonly connect?: (drivers: Drivers) => Drivers;
}

export interface Terminal extends Production {
  /** Where the environment files lie. */
  readonly cwd: string;
  /** `rebuild -f prod.yaml`: words as typed, files in a folder of the test's own. */
  type(line: string, options?: RunOptions): Promise<Printed>;
  /** The same for words that hold spaces. */
  typeWords(words: readonly string[], options?: RunOptions): Promise<Printed>;
  /** Writes an environment file of this name. */
  write(file: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

const environment = {
  cluster: 'simulated',
  environment: 'prod',
  dns: [
    { zone: 'example-org', name: 'www.example.org', service: 'ingress' },
    { zone: 'second-org', name: 'search.second.org', service: 'search-ingress' },
  ],
  release: { chart: { path: '/chart' } },
  load: [{ name: 'base', job: { fromJob: 'loader' }, timeout: '10m' }],
  verify: { http: [{ url: 'http://www.example.org/' }], timeout: '1m' },
  drain: { soak: '10s', every: '2s' },
};

export async function terminal(scenario: Scenario = {}): Promise<Terminal> {
  const cwd = await mkdtemp(join(tmpdir(), 'changeover-'));
  const simulated = await production(scenario);
  const write = (file: string, more = {}): Promise<void> => writeFile(join(cwd, file), stringify({ ...environment, ...more }));
  await write('prod.yaml');
  let suffixes = 0;
  const suffix = (): string => `r${String((suffixes += 1)).padStart(4, '0')}`;
  const typeWords: Terminal['typeWords'] = async (words, options = {}) => {
    const written = { stdout: '', stderr: '' };
    const { drivers, clock } = simulated.world.start();
    const host: Host = {
      ...(options.program === undefined ? {} : { program: options.program }),
      io: {
        stdout: (text) => void (written.stdout += text),
        stderr: (text) => {
          written.stderr += text;
          options.onTalk?.(text);
        },
        isTerminal: options.isTerminal ?? false,
        columns: 80,
        rows: 24,
        color: false,
        now: () => clock.now(),
      },
      clock,
      stop: (options.stop ?? new AbortController()).signal,
      identities: { suffix, holder: options.holder ?? 'host/1' },
      inCluster: options.inCluster ?? false,
      cwd,
      connect: async () => options.connect?.(drivers) ?? drivers,
    };
    const exitCode = await run(words, host);
    return { exitCode, ...written };
  };
  return { ...simulated, cwd, write, typeWords, type: (line, options) => typeWords(line.split(' '), options), close: () => rm(cwd, { recursive: true }) };
}
