// Reads a secret text at the moment of use, from a file or a Kubernetes Secret. Its errors never show content.

import { readBoundedFile } from '../bounded-file.ts';
import type { SecretSource } from '../config/values.ts';
import type { ClusterReader } from './cluster/cluster.ts';
import { kinds } from './cluster/objects.ts';
import type { Secrets } from './drivers.ts';
import { DriverError } from './failure.ts';
import type { FailureReason } from './failure.ts';

/** Trailing line breaks are removed: editors and `echo` add them, and no password ends with one. */
export function secretReader(cluster: Pick<ClusterReader, 'get'>): Secrets {
  return {
    read: async (source, defaultNamespace) => {
      const text = 'file' in source ? await fromFile(source.file) : await fromSecret(cluster, source.secret, defaultNamespace);
      return text.replace(/[\r\n]+$/, '');
    },
  };
}

/** As much as a Secret may hold. */
const mostBytes = 1024 * 1024;

async function fromFile(path: string): Promise<string> {
  try {
    return decode(await readBoundedFile(path, { mostBytes }), `read the secret file ${path}`);
  } catch (error) {
    if (error instanceof DriverError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new DriverError({ reason: reasonOf(code), attempted: `read the secret file ${path}`, detail: code });
  }
}

function reasonOf(code: string): FailureReason {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'notFound';
  return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'unreadable';
}

type SecretKey = Extract<SecretSource, { secret: unknown }>['secret'];

async function fromSecret(cluster: Pick<ClusterReader, 'get'>, { name, key, namespace: own }: SecretKey, defaultNamespace: string): Promise<string> {
  const namespace = own ?? defaultNamespace;
  const attempted = `read ${key} of Secret ${namespace}/${name}`;
  const secret = await cluster.get({ kind: kinds.secret, name, namespace });
  if (secret === undefined) throw new DriverError({ reason: 'notFound', attempted, detail: 'there is no such Secret' });
  const data = secret['data'] as Readonly<Record<string, string>> | undefined;
  const value = data?.[key];
  if (value === undefined) throw new DriverError({ reason: 'notFound', attempted, detail: 'the Secret has no such key' });
  return decode(Buffer.from(value, 'base64'), attempted);
}

function decode(bytes: Uint8Array, attempted: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DriverError({ reason: 'unreadable', attempted, detail: 'it is not UTF-8 text' });
  }
}
