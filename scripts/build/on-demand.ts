// Loads packages of the bundle when somebody first calls them: proxies and old ways to log in, which hardly anybody has, took part of every
// start. What is called is the same.

import type { Plugin } from 'esbuild';

interface OnDemand {
  readonly module: string;
  /** Matches the path of the file that imports it. */
  readonly importer: RegExp;
  /** Classes and functions. A name that is missing here fails the build. */
  readonly names: readonly string[];
}

const kubernetesClient = /node_modules\/@kubernetes\/client-node\/dist\//;

export const onDemand: readonly OnDemand[] = [
  { module: 'socks-proxy-agent', importer: kubernetesClient, names: ['SocksProxyAgent'] },
  { module: 'hpagent', importer: kubernetesClient, names: ['HttpProxyAgent', 'HttpsProxyAgent'] },
  { module: 'jsonpath-plus', importer: kubernetesClient, names: ['JSONPath'] },
];

/** For esbuild. */
export const loadOnDemand: Plugin = {
  name: 'load-on-demand',
  setup(build) {
    for (const { module, importer, names } of onDemand) {
      build.onResolve({ filter: new RegExp(`^${module}$`) }, ({ path, importer: from, resolveDir }) => (importer.test(from) ? { path, namespace: 'on-demand', sideEffects: false, pluginData: { names, resolveDir } } : undefined));
    }
    build.onLoad({ filter: /.*/, namespace: 'on-demand' }, ({ path, pluginData }) => {
      const { names, resolveDir } = pluginData as Pick<OnDemand, 'names'> & { readonly resolveDir: string };
      return { contents: names.map((name) => standIn(path, name)).join('\n'), resolveDir };
    });
  },
};

function standIn(path: string, name: string): string {
  const real = `require(${JSON.stringify(path)}).${name}`;
  return `export const ${name} = function (...args) { return new.target === undefined ? ${real}(...args) : Reflect.construct(${real}, args); };`;
}
