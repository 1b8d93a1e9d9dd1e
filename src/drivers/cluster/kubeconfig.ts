// Kubeconfigs as kubectl and Helm read them, where the client library reads them otherwise: several files at once, and tokens in files.
// It only reads.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadAll } from 'js-yaml';

type Values = Readonly<Record<string, unknown>>;

interface Named {
  readonly name: string;
}

interface Cluster extends Named {
  readonly cluster?: Values | null;
}

interface User extends Named {
  readonly user?: Values | null;
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly Cluster[] | null;
  readonly contexts?: readonly Named[] | null;
  readonly users?: readonly User[] | null;
}

/**
 * One kubeconfig, as text. Of several files the first that says something is believed, and one that is not there is passed over. Throws
 * what Node does when none is there or may be read, and what the YAML parser does.
 */
export function readKubeconfigs(files: readonly string[]): string {
  const present = files.filter((file) => existsSync(file));
  const configs = (present.length > 0 ? present : files.slice(0, 1)).map(readOne);
  return JSON.stringify({
    'current-context': configs.map((config) => config['current-context']).find((context) => context !== undefined && context !== ''),
    clusters: firstOfEach(configs.flatMap(({ clusters }) => clusters ?? [])),
    contexts: firstOfEach(configs.flatMap(({ contexts }) => contexts ?? [])),
    users: firstOfEach(configs.flatMap(({ users }) => users ?? [])),
  });
}

function firstOfEach<T extends Named>(all: readonly T[]): readonly T[] {
  return [...Map.groupBy(all, ({ name }) => name).values()].flatMap(([first]) => first ?? []);
}

/** With paths as they are from the file that names them. An empty file says nothing. */
function readOne(file: string): Kubeconfig {
  const config = (loadAll(readFileSync(file, 'utf8'))[0] ?? {}) as Kubeconfig;
  const from = dirname(file);
  return {
    ...config,
    clusters: (config.clusters ?? []).map(({ cluster, ...others }) => ({ ...others, cluster: located(cluster ?? {}, ['certificate-authority'], from) })),
    users: (config.users ?? []).map(({ user, ...others }) => ({ ...others, user: withTokenFile(located(user ?? {}, ['client-certificate', 'client-key', 'tokenFile'], from)) })),
  };
}

function located(values: Values, keys: readonly string[], from: string): Values {
  const paths = keys.flatMap((key): readonly [string, string][] => {
    const path = values[key];
    return typeof path === 'string' && path !== '' ? [[key, resolve(from, path)]] : [];
  });
  return { ...values, ...Object.fromEntries(paths) };
}

/** It goes before a token that is written out. The library knows such files of pods, and reads them again every minute. */
function withTokenFile({ token, tokenFile, ...others }: Values): Values {
  if (tokenFile === undefined || tokenFile === '') return { token, ...others };
  return { ...others, 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
}
