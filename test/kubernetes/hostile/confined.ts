// Runs a program with 256 MiB of memory and not a byte more, and tells what it has taken. The kernel counts, not the program.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';
export const memoryLimitBytes = 256 * 1024 * 1024;

export interface Confined {
  readonly stdout: string;
  readonly wallMs: number;
  /** Of processor time, by the program and all it has started: what a loaded machine does not change. */
  readonly cpuMs: number;
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
    const { stdout, timedOut } = await run(group.paths, args, options);
    return { stdout, timedOut, wallMs: performance.now() - startedAt, cpuMs: group.cpuMs(), peakBytes: group.peakBytes(), outOfMemory: group.kills() > 0 };
  } finally {
    for (const path of group.paths) rmdirSync(path);
  }
}

/** The shell puts itself into the group, and becomes the program. */
function run(groups: readonly string[], args: readonly string[], { timeoutMs, ...rest }: ConfinedOptions): Promise<Pick<Confined, 'stdout' | 'timedOut'>> {
  const enter = groups.map((path) => `echo $$ > ${path}/cgroup.procs`).join(' && ');
  const child = spawn('sh', ['-c', `${enter} && exec "$@"`, 'sh', ...args], { ...rest, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
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
  readonly paths: readonly string[];
  peakBytes(): number;
  cpuMs(): number;
  kills(): number;
}

let made = 0;

function makeGroup(): Group {
  made += 1;
  const name = `changeover-hostile-${process.pid}-${made}`;
  return existsSync(join(root, 'memory')) ? versionOne(name) : versionTwo(join(root, name));
}

function versionOne(name: string): Group {
  const [memory, processor] = [join(root, 'memory', name), join(root, 'cpuacct', name)];
  mkdirSync(memory);
  mkdirSync(processor);
  writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryLimitBytes));
  return {
    paths: [memory, processor],
    peakBytes: () => number(memory, 'memory.max_usage_in_bytes'),
    cpuMs: () => number(processor, 'cpuacct.usage') / 1e6,
    kills: () => field(memory, 'memory.oom_control', 'oom_kill'),
  };
}

function versionTwo(path: string): Group {
  mkdirSync(path);
  writeFileSync(join(path, 'memory.max'), String(memoryLimitBytes));
  return { paths: [path], peakBytes: () => number(path, 'memory.peak'), cpuMs: () => field(path, 'cpu.stat', 'usage_usec') / 1e3, kills: () => field(path, 'memory.events', 'oom_kill') };
}

function number(path: string, file: string): number {
  return Number(readFileSync(join(path, file), 'utf8'));
}

function field(path: string, file: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(readFileSync(join(path, file), 'utf8'))?.[1] ?? Number.NaN);
}
