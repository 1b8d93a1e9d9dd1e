// The public names of an environment as a client meets them, and what they answer at this moment.

import type { Environment } from '../../src/config/environment.ts';
import type { Resolver, Server } from '../../src/drivers/dns/dns.ts';
import { Client, type PublicName } from './client.ts';
import type { NameNow } from './report.ts';

/** Asks the servers of `dnsServers`; a zone without an entry cannot be watched. */
export async function publicNames(environment: Environment, resolver: Resolver): Promise<readonly PublicName[]> {
  const names = environment.dns.map(({ name, zone }) => ({ name, path: '/search?q=a', servers: (environment.dnsServers[zone] ?? []).map(parseServer) }));
  for (const { name, servers } of names) {
    for (const server of servers) await resolver.query(server, name, 'A');
  }
  return names;
}

export async function namesNow(names: readonly PublicName[], resolver: Resolver): Promise<readonly NameNow[]> {
  return Promise.all(
    names.map(async (name) => {
      const answers = await Promise.all(name.servers.map((server) => resolver.query(server, name.name, 'A')));
      const values = answers.flatMap((answer) => (answer.kind === 'answer' ? answer.records.flatMap((set) => set.values) : []));
      const visit = await new Client(name, resolver).visit();
      return { name: name.name, answers: [...new Set(values)], release: visit.release };
    }),
  );
}

function parseServer(text: string): Server {
  const [, host = text, port = '53'] = /^(.*):(\d+)$/.exec(text) ?? [];
  return { address: host.replace(/^\[|\]$/g, ''), port: Number(port), name: text };
}
