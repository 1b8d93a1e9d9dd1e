// Gets Node's own modules without import statements: an import of `node:http` reads every export at once, and with them loads
// what is lazy in there (all of undici, for one), 30 ms that nobody uses. The modules themselves are the same.

import { execFileSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { relative } from 'node:path';
import type { ImportKind, Plugin } from 'esbuild';

interface Builtin {
  /** `fs/promises`. */
  readonly name: string;
  readonly kind: ImportKind;
}

/** For esbuild. */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    const { absWorkingDir = process.cwd() } = build.initialOptions;
    build.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path, importer, kind }) => {
      const name = path.replace(/^node:/, '');
      const isBuiltin = path.startsWith('node:') || builtinModules.includes(name);
      const builtin: Builtin = { name, kind };
      // A path for each importer: one for all would become a file of its own. From the checkout, which lies anywhere.
      return isBuiltin ? { path: `${name}?${kind}&${relative(absWorkingDir, importer)}`, namespace: 'builtin', sideEffects: false, pluginData: builtin } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ pluginData }) => {
      const { name, kind } = pluginData as Builtin;
      return { contents: kind === 'import-statement' ? asModule(name) : `module.exports = ${loaded(name)};` };
    });
  },
};

function loaded(name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`;
}

/** Marked as pure, so that only those exports are read that somebody imports. */
function asModule(name: string): string {
  exportsOf ??= askNode();
  const exported = (exportsOf[name] ?? []).map((key, index) => `const _${index} = /* @__PURE__ */ read(${JSON.stringify(key)}); export { _${index} as ${key} };`);
  return [`const builtin = /* @__PURE__ */ ${loaded(name)};`, 'const read = (name) => builtin[name];', 'export default builtin;', ...exported].join('\n');
}

/** What each of Node's modules exports, by the module's name. */
let exportsOf: Readonly<Record<string, readonly string[]>> | undefined;

/**
 * Of a process of its own: in ours, modules have other keys in another order (whoever forked it gives `process` a `send`, a test runner an
 * `emit`), and short names are made from how often each letter occurs, even in what is left out. The same sources have to give the same bytes.
 */
function askNode(): Readonly<Record<string, readonly string[]>> {
  const script = `
    const isName = (key) => key !== 'default' && /^[a-z_$][\\w$]*$/i.test(key);
    const names = process.argv.slice(1);
    const entries = names.map((name) => [name, Object.keys(process.getBuiltinModule('node:' + name) ?? {}).filter(isName).sort()]);
    console.log(JSON.stringify(Object.fromEntries(entries)));
  `;
  // Loading all of them warns of those that are deprecated.
  const names = builtinModules.map((name) => name.replace(/^node:/, ''));
  return JSON.parse(execFileSync(process.execPath, ['--no-warnings', '--eval', script, ...names], { env: {}, encoding: 'utf8' })) as Record<string, readonly string[]>;
}
