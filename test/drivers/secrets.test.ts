// Secrets come from files and Kubernetes Secrets; what goes wrong is told without a word of them.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClusterReader } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { secretReader } from '../../src/drivers/secrets.ts';
import { rejection } from '../contracts/cluster-objects.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const cluster: Pick<ClusterReader, 'get'> = {
  get: async ({ kind, name, namespace }) => {
    if (kind === kinds.secret && name === 'forbidden') throw new DriverError({ reason: 'forbidden', attempted: 'GET', detail: '403 Forbidden' });
    if (kind !== kinds.secret || name !== 'harvester') return undefined;
    const data = { password: base64(`größe of ${namespace}`), line: base64('hunter2\n'), binary: Buffer.from([0xff, 0xfe]).toString('base64') };
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: namespace ?? '' }, data };
  },
};

const secrets = secretReader(cluster);
const inSecret = (name: string, key: string, namespace?: string): Promise<string> =>
  secrets.read({ secret: { name, key, ...(namespace === undefined ? {} : { namespace }) } }, 'prod-2hpwr');

async function file(content: string | Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'changeover-secret-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'secret');
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

/** To root nothing is forbidden; what happens meanwhile happens as another user. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('a secret in a Kubernetes Secret', () => {
  it('is looked up in the given namespace, or else in its own', async () => {
    expect(await inSecret('harvester', 'password')).toBe('größe of prod-2hpwr');
    expect(await inSecret('harvester', 'password', 'tools')).toBe('größe of tools');
  });

  it('loses the line break that an editor put behind it', async () => {
    expect(await inSecret('harvester', 'line')).toBe('hunter2');
  });

  it('that is not there is named, with what was looked for', async () => {
    await expect(inSecret('absent', 'password')).rejects.toThrow('read password of Secret prod-2hpwr/absent: there is no such Secret');
    await expect(inSecret('harvester', 'passwort')).rejects.toThrow('read passwort of Secret prod-2hpwr/harvester: the Secret has no such key');
  });

  it('is not taken for absent when it may not be read', async () => {
    expect(await rejection(inSecret('forbidden', 'password'))).toBe('forbidden');
  });

  it('that is no text is refused without being shown', async () => {
    expect(await rejection(inSecret('harvester', 'binary'))).toBe('unreadable');
  });
});

describe('a secret in a file', () => {
  const read = (path: string): Promise<string> => secrets.read({ file: path }, 'prod-2hpwr');

  it('is the file’s text without its last line break', async () => {
    expect(await read(await file('key "changeover" {\n};\r\n'))).toBe('key "changeover" {\n};');
  });

  it('that is not there, or a folder, is named', async () => {
    const path = await file('x');
    await expect(read(`${path}.absent`)).rejects.toThrow(`read the secret file ${path}.absent: ENOENT`);
    expect(await rejection(read(join(path, 'below')))).toBe('notFound');
    expect(await rejection(read(tmpdir()))).toBe('unreadable');
  });

  it('that is no text is refused without being shown', async () => {
    expect(await rejection(read(await file(Uint8Array.from([0xff, 0xfe]))))).toBe('unreadable');
  });

  it('that may not be read is forbidden', async () => {
    const path = await file('hunter2');
    await chmod(path, 0);
    expect(await asNobody(() => rejection(read(path)))).toBe('forbidden');
  });
});
