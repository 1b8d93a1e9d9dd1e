// What every reader of secrets must do, whichever cluster the Secrets are in. Errors are searched for the secret.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { Secrets } from '../../src/drivers/drivers.ts';
import { rejection } from './cluster-objects.ts';

export interface SecretsUnderTest {
  readonly secrets: Secrets;
  /** Where to put Secrets; the namespace exists. */
  readonly cluster: Cluster;
  readonly namespace: string;
  end(): Promise<void>;
}

/** `make` is called once. */
export function secretsContract(name: string, make: () => Promise<SecretsUnderTest>): void {
  describe(`${name} keeps the contract of a reader of secrets`, () => {
    let made: SecretsUnderTest;
    beforeAll(async () => {
      made = await make();
      const bytes = { plain: Buffer.from('pässword'), ended: Buffer.from('from an editor\r\n'), binary: Buffer.from([0xff, 0xfe, 0x41]), empty: Buffer.from('') };
      const data = Object.fromEntries(Object.entries(bytes).map(([key, value]) => [key, value.toString('base64')]));
      await made.cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'harvester', namespace: made.namespace }, data });
    });
    afterAll(() => made.end());
    const read = (key: string, more: object = {}): Promise<string> => made.secrets.read({ secret: { name: 'harvester', key, ...more } }, made.namespace);

    it('reads the text of one key', async () => {
      expect(await read('plain')).toBe('pässword');
      expect(await read('empty')).toBe('');
    });

    it('leaves out the line break that an editor put there', async () => {
      expect(await read('ended')).toBe('from an editor');
    });

    it('reads it from another namespace when that is named', async () => {
      expect(await made.secrets.read({ secret: { name: 'harvester', key: 'plain', namespace: made.namespace } }, 'elsewhere')).toBe('pässword');
    });

    it('rejects a Secret, a key and a namespace that are not there as not found, never as an empty text', async () => {
      expect(await rejection(read('absent'))).toBe('notFound');
      expect(await rejection(read('plain', { name: 'absent' }))).toBe('notFound');
      expect(await rejection(read('plain', { namespace: 'certainly-no-such-namespace' }))).toBe('notFound');
    });

    it('rejects what is no text, and shows nothing of it', async () => {
      expect(await rejection(read('binary'))).toBe('unreadable');
      await expect(read('binary')).rejects.toSatisfy((error: Error) => !error.message.includes(Buffer.from([0xff, 0xfe, 0x41]).toString('base64')));
    });

    it('reads a file as well, and rejects one that is not there', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
      await writeFile(join(directory, 'password'), 'from a file\n');
      expect(await made.secrets.read({ file: join(directory, 'password') }, made.namespace)).toBe('from a file');
      expect(await rejection(made.secrets.read({ file: join(directory, 'absent') }, made.namespace))).toBe('notFound');
      await rm(directory, { recursive: true });
    });
  });
}
