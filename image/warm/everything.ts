// Loads the whole program as an ordinary run would, and checks an environment: what runs at every start. It reaches no other system.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const [, , program = '', samples = ''] = process.argv;
const parts = readdirSync(program).filter((name) => name.endsWith('.mjs') && name !== 'main.mjs').toSorted();
for (const name of parts) await import(join(program, name));
process.argv = [process.execPath, 'changeover', 'validate', '-f', join(samples, 'base.yaml'), '-f', join(samples, 'prod.yaml')];
await import(join(program, 'main.mjs'));
