// A container's processes, and what it has in memory as the kubelet counts it, from its control group. It only reads.

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Connection } from '../../../cluster/connection.ts';

const classes = ['besteffort', 'burstable', ''];

/**
 * Bytes in use without those of files that the kernel could drop at once: what eviction and `kubectl top` go by. Pages of a program's
 * file count where they were first read, which may have been another container: what is mapped counts here in any case.
 */
export async function workingSet(connection: Connection, podUid: string, containerId: string): Promise<number> {
  const group = await groupOf(connection, podUid, containerId);
  const usage = Number((await first(join(group, 'memory.usage_in_bytes'), join(group, 'memory.current'))).trim());
  const [, inactive = '0'] = /^(?:total_)?inactive_file (\d+)$/m.exec(lastLinesFirst(await readFile(join(group, 'memory.stat'), 'utf8'))) ?? [];
  return Math.max(usage - Number(inactive), await residentSet(group));
}

/** The most bytes that were ever charged to the container at once, files that it was the first to read among them: what a limit goes by. */
export async function peak(connection: Connection, podUid: string, containerId: string): Promise<number> {
  const group = await groupOf(connection, podUid, containerId);
  return Number((await first(join(group, 'memory.max_usage_in_bytes'), join(group, 'memory.peak'))).trim());
}

/** Ids of a container's processes as the machine counts them. */
export async function processesOf(connection: Connection, podUid: string, containerId: string): Promise<readonly number[]> {
  return (await processesIn(await groupOf(connection, podUid, containerId))).map(Number);
}

async function processesIn(group: string): Promise<readonly string[]> {
  return (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter((id) => id !== '');
}

/** Of all processes of the group; what several share counts several times. */
async function residentSet(group: string): Promise<number> {
  const ids = await processesIn(group);
  const sizes = await Promise.all(ids.map(async (id) => /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${id}/status`, 'utf8').catch(() => ''))?.[1]));
  return sizes.reduce((sum, size) => sum + Number(size ?? 0) * 1024, 0);
}

/** Control groups of version 1 keep a hierarchy for memory, version 2 has one for everything; nodes that joined are below the first. */
async function groupOf({ stateDir }: Connection, podUid: string, containerId: string): Promise<string> {
  const roots = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].map((root) => join(root, `changeover-${basename(stateDir)}`));
  const nodes = [...roots, ...(await Promise.all(roots.map(joinedBelow))).flat()];
  for (const group of nodes.flatMap((node) => classes.map((quality) => join(node, 'kubepods', quality, `pod${podUid}`, containerId)))) {
    const isThere = await readFile(join(group, 'cgroup.procs'), 'utf8').then(() => true, () => false);
    if (isThere) return group;
  }
  throw new Error(`no control group of the container ${containerId} was found`);
}

async function joinedBelow(root: string): Promise<readonly string[]> {
  const nodes = join(root, 'nodes');
  return (await readdir(nodes).catch(() => [])).map((name) => join(nodes, name));
}

function first(...files: readonly string[]): Promise<string> {
  return Promise.any(files.map((file) => readFile(file, 'utf8')));
}

/** Version 1 tells a group alone first, and last, as `total_`, with those below it. */
function lastLinesFirst(text: string): string {
  return text.split('\n').toReversed().join('\n');
}
