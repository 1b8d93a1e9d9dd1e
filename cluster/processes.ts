// Finds the processes that hold a cluster, by a mark in their environment and by their namespaces.
// No process id is ever stored, so none can be stale; and nothing that shares our own namespaces counts as something to end.
import { readdir, readFile, readlink } from 'node:fs/promises';

/** See namespaces.ts for what the two are. */
export type Role = 'holder' | 'init' | 'node';

export interface HostProcess {
  readonly pid: number;
  /** Marks of the environment, as `NAME=value`. */
  readonly environment: readonly string[];
  /** `net:[4026531840]` and the like; undefined where the kernel refuses to say. */
  readonly net: string | undefined;
  readonly mnt: string | undefined;
}

const keyVariable = 'CHANGEOVER_CLUSTER_HELD';
const componentVariable = 'CHANGEOVER_CLUSTER_COMPONENT';
const roleVariable = 'CHANGEOVER_CLUSTER_ROLE';
const nodeVariable = 'CHANGEOVER_CLUSTER_NODE';

export function markOf(key: string, role: Role): Record<string, string> {
  return { [keyVariable]: key, [roleVariable]: role };
}

/** Of process 1 of a joined node. */
export function nodeMark(key: string, node: string): Record<string, string> {
  return { ...markOf(key, 'node'), [nodeVariable]: node };
}

export function nodeOf(candidate: HostProcess): string | undefined {
  return markedWith(nodeVariable, candidate);
}

/** For `status`; children of the component, as the shims of containerd, carry it as well. */
export function componentMark(key: string, component: string): Record<string, string> {
  return { [keyVariable]: key, [componentVariable]: component };
}

export function componentOf(candidate: HostProcess): string | undefined {
  return markedWith(componentVariable, candidate);
}

function markedWith(variable: string, { environment }: HostProcess): string | undefined {
  return environment.find((entry) => entry.startsWith(`${variable}=`))?.slice(variable.length + 1);
}

/** Whether a process carries the mark of the cluster `key`: enough to look at it, not enough to end it. */
export function isMarked(candidate: HostProcess, key: string): boolean {
  return candidate.environment.includes(markText(key));
}

/** The mark as it stands in a process's environment. */
export function markText(key: string): string {
  return `${keyVariable}=${key}`;
}

/** Whether a process lives in other namespaces than `own`; one whose namespaces cannot be read does not. */
export function isElsewhere(candidate: HostProcess, own: HostProcess): boolean {
  return (
    candidate.net !== undefined &&
    candidate.mnt !== undefined &&
    candidate.net !== own.net &&
    candidate.mnt !== own.mnt
  );
}

export function hasRole(candidate: HostProcess, role: Role): boolean {
  return candidate.environment.includes(`${roleVariable}=${role}`);
}

export async function findMarked(key: string): Promise<HostProcess[]> {
  return (await readProcesses()).filter((candidate) => isMarked(candidate, key));
}

/** The keys of all clusters of which any process is alive, in every namespace that /proc shows. */
export async function findHeldKeys(): Promise<ReadonlySet<string>> {
  const keys = (await readProcesses()).map((candidate) => markedWith(keyVariable, candidate));
  return new Set(keys.filter((key) => key !== undefined));
}

/** The files that all processes run, as far as /proc shows. */
export async function findPrograms(): Promise<readonly string[]> {
  const links = (await processIds()).map((pid) => readlink(`/proc/${pid}/exe`).catch(() => ''));
  return await Promise.all(links);
}

async function readProcesses(): Promise<HostProcess[]> {
  return await Promise.all((await processIds()).map(readProcess));
}

async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The marked processes that are inside the cluster's namespaces while we are not: the only ones that may be ended. */
export async function findElsewhere(key: string): Promise<HostProcess[]> {
  const own = await readProcess(process.pid);
  return (await findMarked(key)).filter((candidate) => isElsewhere(candidate, own));
}

/** What /proc says at this moment; a process that is gone, or not ours to read, has no namespaces. */
export async function readProcess(pid: number): Promise<HostProcess> {
  const [environment, net, mnt] = await Promise.all([
    readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''),
    readlink(`/proc/${pid}/ns/net`).catch(() => undefined),
    readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined),
  ]);
  return { pid, environment: environment.split('\0'), net, mnt };
}

/** Signal 0 asks without sending. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
