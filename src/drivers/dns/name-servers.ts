// The addresses of a zone's authoritative servers: as configured, or from its NS records. None is ever left out silently.

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { DriverError } from '../failure.ts';
import type { Server, Zone } from './dns.ts';
import { absoluteName } from './record-sets.ts';

/** All addresses of a host name, as this machine resolves it. */
export type LookupHost = (name: string) => Promise<readonly string[]>;

export interface NameServerOptions {
  /** By zone, `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353` or a host name; instead of what NS records say. */
  readonly dnsServers?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly lookupHost?: LookupHost | undefined;
}

/** The configured servers of a zone, or undefined. */
export async function configuredServers(zoneId: string, options: NameServerOptions): Promise<readonly Server[] | undefined> {
  const configured = Object.entries(options.dnsServers ?? {}).find(([id]) => absoluteName(id) === absoluteName(zoneId));
  if (configured === undefined) return undefined;
  return (await Promise.all(configured[1].map((text) => serversAt(text, options)))).flat();
}

/** A server as it is written in the configuration. Rejects 'unavailable' when its name does not resolve. */
export async function serversAt(text: string, options: NameServerOptions): Promise<readonly Server[]> {
  const { host, port } = parseServer(text);
  if (isIP(host) !== 0) return [{ address: host, port, name: host }];
  return addressed(host, await resolved(host, options), port);
}

/** Servers for names from NS records; `known` are addresses that came along with these. */
export async function nameServers(names: readonly string[], known: ReadonlyMap<string, readonly string[]>, options: NameServerOptions): Promise<Zone['servers']> {
  const servers = names.map(async (name) => addressed(name, known.get(absoluteName(name)) ?? (await resolved(name, options)), 53));
  return (await Promise.all(servers)).flat();
}

function parseServer(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  return { host: bracketed ?? plain ?? text, port: Number(port) };
}

/** One family is enough: both lead to the same server, and a cluster without IPv6 could never reach the other. */
function addressed(name: string, addresses: readonly string[], port: number): readonly Server[] {
  const families = Map.groupBy(addresses, isIP);
  return (families.get(4) ?? families.get(6) ?? []).map((address) => ({ address, port, name: name.replace(/\.$/, '') }));
}

async function resolved(name: string, { lookupHost = systemLookup }: NameServerOptions): Promise<readonly string[]> {
  const attempted = `address of the DNS server ${name}`;
  const addresses = await lookupHost(name).catch((cause: unknown) => {
    throw new DriverError({ reason: 'unavailable', attempted, detail: String(cause) });
  });
  if (addresses.length === 0) throw new DriverError({ reason: 'unavailable', attempted, detail: 'it has none' });
  return addresses;
}

const systemLookup: LookupHost = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);
