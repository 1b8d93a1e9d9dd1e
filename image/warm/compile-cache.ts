// Runs once, while the image is built: keeps what V8 would compile anew at every start of the program.
// It reaches no other system, and changes nothing but the folder of the cache; where V8 does not take it, it compiles as ever.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const [, , program = '', cache = '', user = ''] = process.argv;

const parts = readdirSync(program).filter((name) => name.endsWith('.mjs') && name !== 'main.mjs');
const files = ['demo-base.yaml', 'demo.yaml'].flatMap((name) => ['-f', join(import.meta.dirname, name)]);
// All that there is, so that nothing is missing at run time; then what every command does first, so that its functions are compiled.
const script = `
  for (const part of ${JSON.stringify(parts.toSorted().map((name) => join(program, name)))}) await import(part);
  process.argv = [process.execPath, 'changeover', 'validate', ...${JSON.stringify(files)}];
  await import(${JSON.stringify(join(program, 'main.mjs'))});
`;

mkdirSync(cache);
// The seed makes the same bytes each time. It is no property of what was compiled: V8 leaves it out of the flags that have to match
// (FlagList::Hash in https://github.com/v8/v8/blob/main/src/flags/flags.cc), so that an ordinary start takes it.
execFileSync(process.execPath, ['--random-seed=1', '--input-type=module', '--eval', script], {
  env: { ...process.env, NODE_COMPILE_CACHE: cache },
  stdio: ['ignore', 'ignore', 'inherit'],
});

// Node looks into a folder of the user's own (https://nodejs.org/api/module.html#module-compile-cache), and writes for its owner alone.
// Here all of it stays root's, so that the program cannot change it.
for (const folder of readdirSync(cache)) {
  const own = join(cache, folder.replace(/\d+$/, user));
  renameSync(join(cache, folder), own);
  for (const name of readdirSync(own)) chmodSync(join(own, name), 0o644);
}
