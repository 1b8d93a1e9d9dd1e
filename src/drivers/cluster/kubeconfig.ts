// Kubeconfigs as kubectl and Helm read them, where the client library reads them otherwise: several files at once, tokens in files,
// programs by a path, and whom to act as. It only reads.

import { existsSync, readFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
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

export interface ReadKubeconfigs {
  /** One kubeconfig. */
  readonly text: string;
  /** By the name of a user: what says in requests whom he acts as, beside his name. */
  readonly impersonated: ReadonlyMap<string, OutgoingHttpHeaders>;
}

/**
 * All of them as one. Of several files the first that says something is believed, and one that is not there is passed over. Throws
 * what Node does when none is there or may be read, and what the YAML parser does.
 */
export function readKubeconfigs(files: readonly string[]): ReadKubeconfigs {
  const present = files.filter((file) => existsSync(file));
  const configs = (present.length > 0 ? present : files.slice(0, 1)).map(readOne);
  const users = firstOfEach(configs.flatMap((config) => config.users ?? []));
  const text = JSON.stringify({
    'current-context': configs.map((config) => config['current-context']).find((context) => context !== undefined && context !== ''),
    clusters: firstOfEach(configs.flatMap(({ clusters }) => clusters ?? [])),
    contexts: firstOfEach(configs.flatMap(({ contexts }) => contexts ?? [])),
    users,
  });
  return { text, impersonated: new Map(users.map(({ name, user }) => [name, impersonation(user ?? {})])) };
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
    users: (config.users ?? []).map(({ user, ...others }) => ({ ...others, user: withPlugin(withTokenFile(located(user ?? {}, ['client-certificate', 'client-key', 'tokenFile'], from)), from) })),
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

/** A bare name is found by PATH. Source: client-go, clientcmd.GetAuthInfoFileReferences. */
function withPlugin(values: Values, from: string): Values {
  const exec = values['exec'] as Values | null | undefined;
  const command = exec?.['command'];
  return typeof command === 'string' && command.includes('/') ? { ...values, exec: { ...exec, command: resolve(from, command) } } : values;
}

/** The library knows `as` alone. Source: Kubernetes, "User impersonation"; client-go, transport.NewImpersonatingRoundTripper. */
function impersonation(values: Values): OutgoingHttpHeaders {
  const groups = values['as-groups'] as readonly string[] | null | undefined;
  const uid = values['as-uid'] as string | null | undefined;
  const extra = Object.entries((values['as-user-extra'] ?? {}) as Readonly<Record<string, readonly string[]>>);
  return {
    ...(groups && groups.length > 0 ? { 'Impersonate-Group': [...groups] } : {}),
    ...(uid ? { 'Impersonate-Uid': uid } : {}),
    ...Object.fromEntries(extra.map(([key, texts]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, [...texts]])),
  };
}
