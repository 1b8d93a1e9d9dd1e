// Runs once while the image is built: what V8 compiles at every start is kept in the image, a quarter of the time to the first request.
// It changes nothing but /usr/lib/changeover/cache. Where V8 does not take a file, it compiles as ever.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

const program = '/usr/lib/changeover';
const cache = join(program, 'cache');
// Node keeps a folder for each user.
const userId = 10001;

// Of one file: Node's header of five words, the last of them a checksum of what follows; then V8's, whose fourth is a hash of its flags.
// https://github.com/nodejs/node/blob/v24.x/src/compile_cache.cc, https://github.com/v8/v8/blob/main/src/snapshot/code-serializer.h
const checksumOffset = 16;
const dataOffset = 20;
const flagHashOffset = dataOffset + 12;

interface Compiled {
  /** Named after versions, flags and user: `v24.21.0-x64-964aae3f-0`. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Starts Node on something, and returns what it compiled meanwhile. */
function compile(directory: string, args: readonly string[]): Compiled {
  execFileSync(process.execPath, args, { env: { ...process.env, NODE_COMPILE_CACHE: directory }, stdio: ['ignore', 'ignore', 'inherit'] });
  const [folder = ''] = readdirSync(directory);
  const names = readdirSync(join(directory, folder));
  return { folder, files: new Map(names.map((name) => [name, readFileSync(join(directory, folder, name))])) };
}

/** V8 takes the data whatever seed it was made with, but not whatever flags, and those that make the bytes repeatable are such. */
function withFlagsOf(reference: Buffer, data: Buffer): Buffer {
  const copy = Buffer.from(data);
  reference.copy(copy, flagHashOffset, flagHashOffset, flagHashOffset + 4);
  copy.writeUInt32LE(crc32(copy.subarray(dataOffset)), checksumOffset);
  return copy;
}

// Without threads and without forgetting what was compiled, or it would depend on how busy the machine is.
const repeatable = ['--hash-seed=1', '--random-seed=1', '--single-threaded', '--predictable-gc-schedule', '--no-flush-bytecode'];
const work = mkdtempSync(join(tmpdir(), 'compile-'));
const ordinary = compile(join(work, 'ordinary'), [join(program, 'main.mjs'), '--version']);
const seeded = compile(join(work, 'seeded'), [...repeatable, join(import.meta.dirname, 'everything.ts'), program, import.meta.dirname]);
const [reference] = ordinary.files.values();
if (reference === undefined) throw new Error('Node kept nothing of what it compiled');

const folder = join(cache, ordinary.folder.replace(/\d+$/, String(userId)));
mkdirSync(folder, { recursive: true });
for (const [name, data] of seeded.files) writeFileSync(join(folder, name), withFlagsOf(reference, data));
rmSync(work, { recursive: true });
