// Writes tar files (POSIX ustar) with fixed times and owners, so that the same content gives the same bytes.
// Only what an image needs: regular files, from memory or from disk.
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const blockBytes = 512;

/** A file is given with its size, since the header comes before the content. */
export interface TarEntry {
  name: string;
  mode?: number;
  content: Buffer | { file: string; bytes: number };
}

export async function writeTar(file: string, entries: readonly TarEntry[]): Promise<void> {
  await pipeline(Readable.from(tarStream(entries)), createWriteStream(file));
}

export async function* tarStream(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const bytes = Buffer.isBuffer(entry.content) ? entry.content.length : entry.content.bytes;
    yield header(entry.name, entry.mode ?? 0o644, bytes);
    if (Buffer.isBuffer(entry.content)) yield entry.content;
    else yield* createReadStream(entry.content.file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
    yield Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
  }
  // Two empty blocks end an archive; readers warn about a truncated file without them.
  yield Buffer.alloc(2 * blockBytes);
}

/** Field offsets: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
function header(name: string, mode: number, bytes: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new Error(`tar entry name is longer than 100 bytes: ${name}`);
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(bytes, 11), 124);
  block.write(octal(0, 11), 136);
  // The checksum counts its own field as eight spaces.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
