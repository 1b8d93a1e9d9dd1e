// The control groups of a cluster's pods: one tree of its own in every hierarchy that the host has mounted.
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';

/** The mount points of the hierarchies: the directories of version 1, or the one of version 2. */
async function hierarchies(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').flatMap((line) => {
    const [, target, type] = line.split(' ');
    const isCgroup = type === 'cgroup' || type === 'cgroup2';
    return isCgroup && target !== undefined && target.startsWith(root) ? [target] : [];
  });
}

/** The kubelet insists that its root exists in every hierarchy before it starts. `name` may lead several levels down. */
export async function makeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    let group = hierarchy;
    for (const level of name.split('/')) group = await makeGroup(group, level);
  }
}

async function makeGroup(parent: string, name: string): Promise<string> {
  const group = join(parent, name);
  await mkdir(group, { recursive: true });
  // A cpuset without processors and memory takes no process, and version 1 does not inherit them.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const inherited = await readFile(join(parent, file), 'utf8').catch(() => '');
    if (inherited.trim() !== '') await writeFile(join(group, file), inherited.trim()).catch(() => undefined);
  }
  return group;
}

/** Returns whether the trees are gone; a group whose last process is still dying stays, for another try. */
export async function removeCgroups(name: string): Promise<boolean> {
  const removed = await Promise.all((await hierarchies()).map((hierarchy) => removeTree(join(hierarchy, name))));
  return removed.every(Boolean);
}

async function removeTree(group: string): Promise<boolean> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return true;
  for (const entry of entries) {
    if (entry.isDirectory()) await removeTree(join(group, entry.name));
  }
  return await rmdir(group).then(
    () => true,
    () => false,
  );
}
