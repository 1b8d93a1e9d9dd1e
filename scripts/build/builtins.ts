// Gets Node's own modules without import statements: an import of `node:http` reads every export at once, and with them loads
// what is lazy in there (all of undici, for one), 30 ms that nobody uses. The modules themselves are the same.

import { builtinModules } from 'node:module';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/** For esbuild. */
export const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path, importer }) => {
      const name = path.replace(/^node:/, '');
      const isBuiltin = path.startsWith('node:') || builtinModules.includes(name);
      // A path for each importer: one for all would become a file of its own. Without folders, which differ between checkouts.
      return isBuiltin ? { path: `${name}?${basename(importer)}`, namespace: 'builtin', sideEffects: false, pluginData: name } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ pluginData }) => ({
      // CommonJS, whose exports are looked up when they are used.
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${String(pluginData)}`)});`,
    }));
  },
};
