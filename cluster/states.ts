// What clusters kept whose checkouts are gone: finds and removes it. It never touches a cluster of which a process is alive, nor
// one that an `up` or `down` holds, and where it cannot be sure it leaves everything as it is.
import { lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isAside, moveAside, removeAside } from './disk.ts';
import { ifUnlocked } from './lock.ts';
import { clusterKey } from './paths.ts';
import { findHeldKeys } from './processes.ts';

/** At the start of every `up`, under the caller's lock: from then on it can be told whether anyone may still want this state. */
export async function noteCheckout(stateDir: string, checkout: string): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  await writeFile(noteOf(stateDir), checkout);
}

function noteOf(stateDir: string): string {
  return join(stateDir, 'checkout');
}

export interface State {
  /** `unknown` without a note: a version that wrote none may have made it. */
  readonly checkout: 'there' | 'gone' | 'unknown';
  /** Since its last sign of life. */
  readonly idleMs: number;
  /** A process with the cluster's mark is alive. */
  readonly isHeld: boolean;
}

// Every kubelet renews its lease every ten seconds, which the audit log tells: also of a cluster whose processes cannot be seen,
// as from within another container with the same cache.
const quietMs = 60_000;
const forgottenMs = 7 * 24 * 3_600_000;

export function isAbandoned({ checkout, idleMs, isHeld }: State): boolean {
  if (isHeld || checkout === 'there') return false;
  return idleMs > (checkout === 'gone' ? quietMs : forgottenMs);
}

export interface RemoveOptions {
  /** The states of all checkouts. */
  readonly directory: string;
  /** The key of the caller's, which stays. */
  readonly own: string;
  readonly log: (line: string) => void;
  readonly heldKeys?: () => Promise<ReadonlySet<string>>;
}

/** Says what it removed, or why it could not; whoever calls has other work, so it never throws. Does nothing while another one does it. */
export async function removeAbandoned({ directory, own, log, heldKeys = findHeldKeys }: RemoveOptions): Promise<void> {
  await ifUnlocked(removalLock(directory), async () => {
    const removed: string[] = [];
    for (const key of (await entriesOf(directory)).filter((name) => isKey(name) && name !== own)) {
      const label = await setAside({ directory, key, heldKeys, log });
      if (label !== undefined) removed.push(label);
    }
    // Also those of an earlier removal that was killed.
    const asides = (await entriesOf(directory)).filter(isAside);
    const freed = await Promise.all(asides.map((name) => removeAside(join(directory, name))));
    if (asides.length > 0) log(removalLine(removed, freed.reduce((left, right) => left + right)));
  }).catch((error: unknown) => log(`what clusters of other checkouts kept could not be looked through: ${String(error)}`));
}

/** One at a time for each cache. */
export function removalLock(directory: string): string {
  return `removal-${clusterKey(directory)}`;
}

/** Whatever has another name, a person put there. */
function isKey(name: string): boolean {
  return /^[0-9a-f]{8}$/.test(name);
}

/** As a user reads it: `removed what clusters without a checkout kept (/tmp/one, 0a1b2c3d): 812 MB freed`. */
function removalLine(labels: readonly string[], megabytes: number): string {
  const whose = labels.length === 0 ? 'what an earlier removal left' : `what clusters without a checkout kept (${labels.join(', ')})`;
  return `removed ${whose}: ${megabytes} MB freed`;
}

interface Candidate extends Omit<RemoveOptions, 'own' | 'heldKeys'> {
  readonly key: string;
  readonly heldKeys: () => Promise<ReadonlySet<string>>;
}

/** Returns how to call what was moved out of the way; undefined when it stays. */
async function setAside({ directory, key, heldKeys, log }: Candidate): Promise<string | undefined> {
  const stateDir = join(directory, key);
  if (!isAbandoned({ ...(await look(stateDir, key)), isHeld: false })) return undefined;
  let label: string | undefined;
  // A new checkout at the old place may bring its cluster up in this moment.
  await ifUnlocked(key, async () => {
    const [state, held] = await Promise.all([look(stateDir, key), heldKeys()]);
    if (!isAbandoned({ ...state, isHeld: held.has(key) })) return;
    const checkout = await readNote(stateDir, key);
    await moveAside(stateDir).then(
      () => (label = checkout ?? key),
      (error: unknown) => log(`left ${stateDir}, whose checkout is gone: ${error instanceof Error ? error.message : String(error)}`),
    );
  });
  return label;
}

async function look(stateDir: string, key: string): Promise<Omit<State, 'isHeld'>> {
  // Not through a link, which may lead to anyone's.
  if ((await lstat(stateDir).catch(() => undefined))?.isDirectory() !== true) return { checkout: 'there', idleMs: 0 };
  const checkout = await readNote(stateDir, key);
  const idleMs = Date.now() - (await lastSign(stateDir));
  return { checkout: checkout === undefined ? 'unknown' : (await isGone(checkout)) ? 'gone' : 'there', idleMs };
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
}

/** The key is a hash of the path, so a note proves itself; half of one, or one that came with a copy, counts as none. */
async function readNote(stateDir: string, key: string): Promise<string | undefined> {
  const checkout = await readFile(noteOf(stateDir), 'utf8').catch(() => '');
  return isAbsolute(checkout) && clusterKey(checkout) === key ? checkout : undefined;
}

/** Only where the kernel says so: a directory that cannot be read may well be there. */
async function isGone(directory: string): Promise<boolean> {
  return await stat(directory).then(
    () => false,
    (error: unknown) => isMissing(error),
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Epoch milliseconds: a cluster that is up writes logs, `up` and `down` change the directories. */
async function lastSign(stateDir: string): Promise<number> {
  const logs = join(stateDir, 'run', 'logs');
  const names = await entriesOf(logs);
  const paths = [stateDir, join(stateDir, 'run'), ...names.map((name) => join(logs, name))];
  const times = await Promise.all(paths.map((path) => lstat(path).then(({ mtimeMs }) => mtimeMs, () => 0)));
  return Math.max(...times);
}
