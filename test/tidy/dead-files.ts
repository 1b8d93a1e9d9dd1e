// A rule about files that nobody uses. What is started by name, by a person or a container, is listed by pattern.

import type { Finding, Rule } from './rule.ts';
import type { Source } from './source.ts';

const started = [
  /^[^/]+\.ts$/,
  /^src\/main\.ts$/,
  /^(cluster|bench|sim|test\/chaos|test\/kubernetes\/hostile)\/main\.ts$/,
  /^image\/(build|warm\/[^/]+)\.ts$/,
  // Started by the process that shares the work.
  /^sim\/command\/worker\.ts$/,
  /^examples\/demo\.ts$/,
  /^examples\/.*\/main\.ts$/,
  /^scripts\/[^/]+\.ts$/,
  /\.test\.ts$/,
  // Named in vitest.config.ts.
  /^test\/(kubernetes\/)?support\/setup\.ts$/,
];

export const deadFiles: readonly Rule[] = [
  {
    title: 'every file is imported by another one, or started by name',
    check: unused,
    bad: { 'src/main.ts': "import './used.ts';\n", 'src/used.ts': '// Used.\n', 'src/unused.ts': '// Unused.\n' },
    good: { 'src/main.ts': "import './used.ts';\n", 'src/used.ts': '// Used.\n', 'test/a.test.ts': '// A test.\n' },
  },
];

function unused(sources: readonly Source[]): readonly Finding[] {
  const imported = new Set(sources.flatMap(({ imports, path }) => imports.map(({ target }) => target).filter((target) => target !== path)));
  const dead = sources.filter(({ path }) => !imported.has(path) && !started.some((pattern) => pattern.test(path)));
  return dead.map(({ path }) => ({ path, problem: 'nobody imports it' }));
}
