// Room on the disk: how much a directory takes, and giving it back. It never follows a symbolic link or leaves the file system,
// and leaves a directory alone in which something is mounted.
import { mkdtemp, readFile, realpath, rename } from 'node:fs/promises';
import { run } from './command.ts';

/** As the disk counts, not as the files claim; 0 where there is nothing. */
export async function megabytesOf(directory: string): Promise<number> {
  const printed = await run(['du', '--summarize', '--one-file-system', '--block-size=1M', '--', directory]).catch(() => '0');
  return Number.parseInt(printed, 10);
}

/** Moves it out of the way in one step, so that whoever is killed while it goes leaves no half of it. Throws where something is mounted. */
export async function moveAside(directory: string): Promise<string> {
  const [mounted] = mountsWithin(await readFile('/proc/self/mountinfo', 'utf8'), await realpath(directory));
  if (mounted !== undefined) throw new Error(`${mounted} is mounted; next: umount ${mounted}`);
  const aside = await mkdtemp(`${directory}${asideMark}`);
  // An empty directory is replaced.
  await rename(directory, aside);
  return aside;
}

const asideMark = '.removed-';

/** Whether a name of a directory's entry is one that `moveAside` gave. */
export function isAside(name: string): boolean {
  return new RegExp(`^[0-9a-f]+\\${asideMark}\\w{6}$`).test(name);
}

/** Mount points at or below a directory, from what /proc/PID/mountinfo says (proc_pid_mountinfo(5)). */
export function mountsWithin(mountinfo: string, directory: string): readonly string[] {
  const points = mountinfo.split('\n').map((line) => decoded(line.split(' ')[4] ?? ''));
  return points.filter((point) => point === directory || point.startsWith(`${directory}/`));
}

/** Blanks and the like are written in octal. */
function decoded(point: string): string {
  return point.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 8)));
}

/** Returns how many megabytes it took. Node's own `rm` would go on into what is mounted. */
export async function removeAside(directory: string): Promise<number> {
  const megabytes = await megabytesOf(directory);
  await run(['rm', '--recursive', '--force', '--one-file-system', '--', directory]);
  return megabytes;
}
