// Reads files that somebody else has named: never more than a limit, never for ever. Knows nothing of what is in them.

import { close as closeCallback, constants, fstat as fstatCallback, open as openCallback, read as readCallback } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

const [open, close, fstat, read] = [promisify(openCallback), promisify(closeCallback), promisify(fstatCallback), promisify(readCallback)];

export interface BoundedFileOptions {
  readonly mostBytes: number;
  /** Whether a pipe will do, as the shell makes one of `<(sops -d prod.yaml)`. */
  readonly isPipeAllowed?: boolean;
}

/**
 * The file's bytes, links followed. Rejects with an Error that has a `code`: the system's own (`ENOENT`, `EACCES`,
 * `EISDIR`, …), `EFBIG` for more than `mostBytes`, or `ENOTSUP` for what is no file, e.g. /dev/zero.
 */
export async function readBoundedFile(path: string, options: BoundedFileOptions): Promise<Uint8Array> {
  // Not to wait for a writer: opening a named pipe that nobody writes to would block for ever, and so would the end of the process.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await fstat(file);
  // The socket closes what it reads from: to close it here as well would one day close a file of somebody else.
  if (found.isFIFO() && options.isPipeAllowed === true) return readPipe(file, path, options);
  try {
    if (found.isDirectory()) throw fileError('EISDIR', path);
    if (!found.isFile()) throw fileError('ENOTSUP', path);
    return await readRegular(file, path, options);
  } finally {
    await close(file);
  }
}

/** Files in /proc say that they have no bytes, and then give some: the reading decides, not the size. */
async function readRegular(file: number, path: string, options: BoundedFileOptions): Promise<Uint8Array> {
  const chunks = new Chunks(path, options);
  for (;;) {
    const chunk = await nextChunk(file);
    if (chunk.length === 0) return chunks.all();
    chunks.take(chunk);
  }
}

async function readPipe(file: number, path: string, options: BoundedFileOptions): Promise<Uint8Array> {
  const chunks = new Chunks(path, options);
  const first = await whatIsThere(file);
  const rest = new Socket({ fd: file, readable: true, writable: false });
  try {
    if (first !== undefined) chunks.take(first);
    // No socket is ever told that a pipe has no writer and never had one.
    if (first?.length === 0) return chunks.all();
    for await (const chunk of rest as AsyncIterable<Buffer>) chunks.take(chunk);
    return chunks.all();
  } finally {
    rest.destroy();
  }
}

/** Empty when nobody writes; undefined when somebody does, but has not begun. */
async function whatIsThere(file: number): Promise<Buffer | undefined> {
  try {
    return await nextChunk(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}

async function nextChunk(file: number): Promise<Buffer> {
  const { bytesRead, buffer } = await read(file, Buffer.allocUnsafe(65_536), 0, 65_536, null);
  return buffer.subarray(0, bytesRead);
}

class Chunks {
  readonly #chunks: Buffer[] = [];
  readonly #path: string;
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(path: string, { mostBytes }: BoundedFileOptions) {
    this.#path = path;
    this.#mostBytes = mostBytes;
  }

  take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#mostBytes) throw fileError('EFBIG', this.#path);
    this.#chunks.push(chunk);
  }

  all(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function fileError(code: 'EISDIR' | 'EFBIG' | 'ENOTSUP', path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
