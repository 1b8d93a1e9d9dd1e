// Leaves out of the bundle what packages bring and this program never calls; most of the start-up time and memory went there.
// It changes no behaviour: what is left out says so loudly when it is called after all.

import type { Plugin } from 'esbuild';

interface Unused {
  /** Matches the module as it is imported, and the path of the file that imports it. */
  readonly module: RegExp;
  readonly importer: RegExp;
  /** Names that somebody imports, though nobody calls them. A name that is missing here fails the build. */
  readonly names: readonly string[];
}

const kubernetesClient = /node_modules\/@kubernetes\/client-node\/dist\//;

export const unused: readonly Unused[] = [
  // One class for each kind and each group of the API, 17 MB of sources: requests are our own (src/drivers/cluster/transport.ts).
  { module: /\/gen\/index\.js$/, importer: kubernetesClient, names: ['AppsV1Api', 'CoreV1Api', 'ServerConfiguration', 'createConfiguration'] },
  // For the same requests.
  { module: /^undici$/, importer: kubernetesClient, names: ['Agent', 'ProxyAgent'] },
  { module: /^socks$/, importer: kubernetesClient, names: ['SocksClient'] },
  // Messages in fifty languages: ours are told by src/config/wording.ts, in English.
  { module: /\/locales\/index\.js$/, importer: /node_modules\/zod\//, names: [] },
  // For a Node without streams of the web, before 18.
  { module: /^web-streams-polyfill\//, importer: /node_modules\/fetch-blob\//, names: ['ReadableStream'] },
  // Commands that are executables of their own. Node takes as long to load this as a third of `--version`.
  { module: /^node:child_process$/, importer: /node_modules\/commander\//, names: ['default'] },
];

/** For esbuild. */
export const leaveOutUnused: Plugin = {
  name: 'leave-out-unused',
  setup(build) {
    for (const { module, importer, names } of unused) {
      build.onResolve({ filter: module }, ({ path, importer: from }) => (importer.test(from) ? { path, namespace: 'unused', sideEffects: false, pluginData: names } : undefined));
    }
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path, pluginData }) => ({ contents: (pluginData as readonly string[]).map((name) => stub(path, name)).join('') }));
  },
};

function stub(path: string, name: string): string {
  const complaint = JSON.stringify(`${name} of ${path} is not in this bundle (scripts/build/unused.ts)`);
  const fails = `function () { throw new Error(${complaint}); }`;
  return name === 'default' ? `export default ${fails};` : `export const ${name} = ${fails};`;
}
