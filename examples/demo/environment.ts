// The demo's own layer of configuration: which cluster, which name servers, and short times. The rest is config/demo*.yaml.

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Connection } from '../../cluster/connection.ts';

const root = resolve(import.meta.dirname, '../..');

export const sharedLayers = [join(root, 'config/demo-base.yaml'), join(root, 'config/demo.yaml')];

/** Writes the layer into `directory` and returns all files to hand to `-f`, in order. */
export async function writeDemoLayer(connection: Connection, directory: string, more: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
  const file = join(directory, 'embedded.yaml');
  await mkdir(directory, { recursive: true });
  await writeFile(file, stringify({ ...demoLayer(connection), ...more }));
  return [...sharedLayers, file];
}

function demoLayer({ clusterName, dns }: Connection) {
  const servers = [dns.primary, dns.secondary].map(({ address, port }) => `${address}:${port}`);
  return {
    cluster: clusterName,
    deleteExisting: true,
    dnsProvider: { rfc2136: { server: servers[0], key: { file: dns.tsigKeyFile } } },
    dnsServers: Object.fromEntries(dns.zones.map((zone) => [zone, servers])),
    drain: { soak: '5s', every: '1s' },
    notify: null,
  };
}
