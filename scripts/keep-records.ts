// `node scripts/keep-records.ts NAME`: keeps records as this version writes them in test/records, for every later version to read.
// Overwrites nothing.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from '../src/run/record.ts';
import { writtenRecords } from '../test/records/written.ts';

const [name = ''] = process.argv.slice(2);
if (!/^[a-z0-9.-]+$/.test(name)) throw new Error('usage: node scripts/keep-records.ts NAME, such as the version or what is new in it');
const directory = join(import.meta.dirname, '../test/records', `format-${format}`, name);
await mkdir(directory);
for (const [what, record] of await writtenRecords()) await writeFile(join(directory, `${what}.json`), `${JSON.stringify(record, null, 2)}\n`);
