// Runs a program with 256 MiB of memory and not a byte more, and before all others, so that the clock shows what the program takes and
// not what else the machine does. Tells what it has taken: the kernel counts, not the program.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';
export const memoryLimitBytes = 256 * 1024 * 1024;

export interface Confined {
  readonly stdout: string;
  readonly wallMs: number;
  /** Of the program and all it has started; page cache, which the kernel takes back, included. */
  readonly peakBytes: number;
  /** Whether the kernel had to end something because the limit was reached. */
  readonly outOfMemory: boolean;
  readonly timedOut: boolean;
}

export interface ConfinedOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export async function runConfined(args: readonly string[], options: ConfinedOptions): Promise<Confined> {
  const group = makeGroup();
  try {
    const startedAt = performance.now();
    const { stdout, timedOut } = await run(group.path, args, options);
    return { stdout, timedOut, wallMs: performance.now() - startedAt, peakBytes: group.peakBytes(), outOfMemory: group.kills() > 0 };
  } finally {
    rmdirSync(group.path);
  }
}

/** The shell is given the processor whenever it wants it, puts itself into the group, and becomes the program. */
function run(group: string, args: readonly string[], { timeoutMs, ...rest }: ConfinedOptions): Promise<Pick<Confined, 'stdout' | 'timedOut'>> {
  const child = spawn('chrt', ['--rr', '1', 'sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh', ...args], { ...rest, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  let timedOut = false;
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('utf8');
  });
  const timer = setTimeout(() => {
    timedOut = true;
    process.kill(-(child.pid ?? 0), 'SIGKILL');
  }, timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve({ stdout, timedOut });
    });
  });
}

interface Group {
  readonly path: string;
  peakBytes(): number;
  kills(): number;
}

let made = 0;

function makeGroup(): Group {
  made += 1;
  const name = `changeover-hostile-${process.pid}-${made}`;
  return existsSync(join(root, 'memory')) ? versionOne(name) : versionTwo(join(root, name));
}

function versionOne(name: string): Group {
  const memory = join(root, 'memory', name);
  mkdirSync(memory);
  writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryLimitBytes));
  return {
    path: memory,
    peakBytes: () => number(memory, 'memory.max_usage_in_bytes'),
    kills: () => field(memory, 'memory.oom_control', 'oom_kill'),
  };
}

function versionTwo(path: string): Group {
  mkdirSync(path);
  writeFileSync(join(path, 'memory.max'), String(memoryLimitBytes));
  return { path, peakBytes: () => number(path, 'memory.peak'), kills: () => field(path, 'memory.events', 'oom_kill') };
}

function number(path: string, file: string): number {
  return Number(readFileSync(join(path, file), 'utf8'));
}

function field(path: string, file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(join(path, file), 'utf8'))?.[1] ?? Number.NaN);
}
