// The image archive, in parts: layers and names that depend on nothing but their content.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { dockerArchive, imageConfiguration } from '../../image/archive.ts';
import { mmdebstrapArguments } from '../../image/debian.ts';
import { tarStream, type TarEntry } from '../../image/tar.ts';

const layers = [
  { file: '/cache/debian.tar', bytes: 10, digest: 'aa' },
  { file: '/cache/programs.tar', bytes: 20, digest: 'bb' },
];

async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of tarStream(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a tar has a header, padded content and two empty blocks at the end', async () => {
  const tar = await tarOf([{ name: 'app/hello', mode: 0o755, content: Buffer.from('hello') }]);
  expect(tar.length).toBe(4 * 512);
  expect(tar.toString('latin1', 0, 9)).toBe('app/hello');
  expect(tar.toString('latin1', 100, 107)).toBe('0000755');
  expect(tar.toString('latin1', 124, 135)).toBe('00000000005');
  expect(tar.toString('latin1', 257, 262)).toBe('ustar');
  expect(tar.toString('latin1', 512, 517)).toBe('hello');
  expect(tar.subarray(517).every((byte) => byte === 0)).toBe(true);
});

test('the checksum of a header counts its own field as spaces', async () => {
  const tar = await tarOf([{ name: 'a', content: Buffer.alloc(0) }]);
  const written = parseInt(tar.toString('latin1', 148, 154), 8);
  tar.fill(' ', 148, 156);
  expect(tar.subarray(0, 512).reduce((sum, byte) => sum + byte, 0)).toBe(written);
});

test('content that fills its last block gets no padding', async () => {
  expect((await tarOf([{ name: 'a', content: Buffer.alloc(512) }])).length).toBe(4 * 512);
});

test('a name that does not fit is refused, not cut off', async () => {
  await expect(tarOf([{ name: 'x'.repeat(101), content: Buffer.alloc(0) }])).rejects.toThrow('longer than 100 bytes');
});

test('the archive names the image, its configuration and its layers in order', () => {
  const configuration = imageConfiguration(layers, { User: '10001' });
  const name = `${createHash('sha256').update(configuration).digest('hex')}.json`;
  const entries = dockerArchive({ configuration, layers, tags: ['changeover.local/example:1'] });
  expect(entries.map((entry) => entry.name)).toEqual(['manifest.json', name, 'aa/layer.tar', 'bb/layer.tar']);
  const [manifest] = entries;
  expect(manifest?.content instanceof Buffer && JSON.parse(manifest.content.toString())).toEqual([
    { Config: name, RepoTags: ['changeover.local/example:1'], Layers: ['aa/layer.tar', 'bb/layer.tar'] },
  ]);
});

test('the image runs as a user that is not root, and the same layers give the same configuration', () => {
  const configuration = imageConfiguration(layers, { User: '10001' });
  expect(JSON.parse(configuration)).toMatchObject({
    config: { User: '10001' },
    rootfs: { type: 'layers', diff_ids: ['sha256:aa', 'sha256:bb'] },
  });
  expect(imageConfiguration(layers, { User: '10001' })).toBe(configuration);
});

test('Debian is unpacked without recommended packages and without being configured', () => {
  const args = mmdebstrapArguments('/cache/debian.tar', { packages: ['git', 'tzdata'], prune: 'rm -rf boot' });
  expect(args).toContain('--variant=extract');
  expect(args).toContain('--aptopt=APT::Install-Recommends "false"');
  expect(args).toContain('--include=git,tzdata');
  expect(args).toContain('--extract-hook=rm -rf boot');
  expect(args.slice(-2)).toEqual(['bookworm', '/cache/debian.tar']);
});
