// The namespaces of a cluster. Two sleeping processes hold them: the holder has the network and mount namespace that
// `exec` joins; init, process 1 of a process namespace below it, takes every component and container with it when it dies.
// A joined node has a third one, process 1 of namespaces below init's: its containers and mounts go with it.
import { readFile } from 'node:fs/promises';
import type { Argv } from './command.ts';
import { startInBackground } from './command.ts';
import { findElsewhere, findMarked, hasRole, markOf, nodeMark, nodeOf, type HostProcess, type Role } from './processes.ts';
import { until } from './wait.ts';

// The rest of the caller's environment would live as long as the cluster, readable in /proc.
const path = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };

/** Into the network and mount namespace: what commands of the user and of the set-up see. */
export function enter(holder: number, argv: Argv): Argv {
  return ['nsenter', `--target=${holder}`, '--net', '--mount', ...argv];
}

/** Into the process namespace as well, where the components live. */
export function enterInit(init: number, argv: Argv): Argv {
  return ['nsenter', `--target=${init}`, '--net', '--mount', '--pid', ...argv];
}

export function holderArgv(): Argv {
  return ['unshare', '--net', '--mount', '--propagation=private', 'sleep', 'infinity'];
}

export function initArgv(holder: number): Argv {
  return enter(holder, processOne);
}

export function nodeInitArgv(init: number): Argv {
  return enterInit(init, processOne);
}

/** It inherits orphaned shims of containerd; with SIGCHLD ignored the kernel reaps them, and `sleep` is enough. */
const processOne: Argv = [
  'unshare', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc',
  'env', '--ignore-signal=CHLD', 'sleep', 'infinity',
];

/** Returns the process id once the namespaces exist, so that commands may enter them. */
export async function startHolder(key: string, logFile: string): Promise<number> {
  startInBackground(holderArgv(), logFile, { ...path, ...markOf(key, 'holder') });
  return (await findRole(key, 'holder')).pid;
}

export async function startInit(key: string, holder: number, logFile: string): Promise<number> {
  startInBackground(initArgv(holder), logFile, { ...path, ...markOf(key, 'init') });
  return (await findRole(key, 'init')).pid;
}

export async function startNodeInit(key: string, init: number, node: { name: string; logFile: string }): Promise<number> {
  startInBackground(nodeInitArgv(init), node.logFile, { ...path, ...nodeMark(key, node.name) });
  return await until(`process 1 of ${node.name}`, 10_000, async () => (await findNodeInits(key)).get(node.name));
}

/** Process 1 of each joined node, by the node's name. */
export async function findNodeInits(key: string): Promise<ReadonlyMap<string, number>> {
  const inits = new Map<string, number>();
  for (const candidate of (await findMarked(key)).filter((one) => hasRole(one, 'node'))) {
    const name = nodeOf(candidate);
    if (name !== undefined && (await isProcessOne(candidate.pid))) inits.set(name, candidate.pid);
  }
  return inits;
}

/** The process with this role, once it is inside its namespaces. */
async function findRole(key: string, role: Role): Promise<HostProcess> {
  return await until(`the ${role} of the namespaces`, 10_000, async () => await pick(await findElsewhere(key), role));
}

/** The two processes of a running cluster, or undefined where one of them is missing. */
export async function findHeld(key: string): Promise<{ holder: number; init: number } | undefined> {
  // Marked is enough here: whoever runs inside `exec` shares the namespaces and still finds its cluster.
  const found = await findMarked(key);
  const holder = await pick(found, 'holder');
  const init = await pick(found, 'init');
  return holder === undefined || init === undefined ? undefined : { holder: holder.pid, init: init.pid };
}

async function pick(found: readonly HostProcess[], role: Role): Promise<HostProcess | undefined> {
  for (const candidate of found.filter((one) => hasRole(one, role))) {
    // `unshare --fork` leaves a parent outside the process namespace; only the child is process 1 inside.
    if (role === 'holder' || (await isProcessOne(candidate.pid))) return candidate;
  }
  return undefined;
}

async function isProcessOne(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:.*\t1$/m.test(status);
}
