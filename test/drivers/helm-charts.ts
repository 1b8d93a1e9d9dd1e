// Charts on disk for tests: folders from texts, and archives, well-made or not, from entries.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** By path inside the chart. */
export type ChartFiles = Readonly<Record<string, string | Buffer>>;

export async function writeChart(directory: string, files: ChartFiles): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, dirname(path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  return directory;
}

export interface TarEntry {
  readonly path: string;
  readonly content?: string;
  /** `0` a file (default), `1` and `2` links, `5` a folder, `x` and `g` pax headers. */
  readonly type?: string;
  readonly target?: string;
}

export function tar(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(block), Buffer.alloc(1_024)]);
}

export function tgz(...entries: readonly TarEntry[]): Buffer {
  return gzipSync(tar(...entries));
}

/** `LENGTH KEY=VALUE`, whose length counts its own digits. */
export function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = String(length + String(length).length).length;
  return `${length + digits}${rest}`;
}

function block({ path, content = '', type = '0', target = '' }: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  const data = Buffer.from(content);
  const size = data.length.toString(8).padStart(11, '0');
  const fields: readonly [number, string][] = [[0, path], [100, '0000644\0'], [108, '0000000\0'], [116, '0000000\0'], [124, `${size}\0`], [136, '00000000000\0'], [148, ' '.repeat(8)], [156, type], [157, target], [257, 'ustar\0'], [263, '00']];
  for (const [offset, text] of fields) header.write(text, offset);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** As `helm package` would make it. */
export async function writeChartArchive(directory: string, archive: string): Promise<Buffer> {
  const paths = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = paths.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return { path: join(basename(directory), path.slice(directory.length + 1)), content: await readFile(path, 'utf8') };
  });
  const packed = tgz(...(await Promise.all(files)));
  await writeFile(archive, packed);
  return packed;
}
