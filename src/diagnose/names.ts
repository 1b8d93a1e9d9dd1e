// What each configured name resolves to, on each authoritative server by itself: they may differ, and that is the point.

import type { DnsName } from '../config/sections/dns.ts';
import type { ReadOnlyDrivers } from '../drivers/drivers.ts';
import type { Server } from '../drivers/dns/dns.ts';
import { DriverError } from '../drivers/failure.ts';
import { servedRecords } from '../observe/names.ts';
import { describeRecords } from '../plan/records.ts';
import type { NameFinding, ServerFinding, ServiceFinding } from './diagnosis.ts';
import { leadsHere } from './services.ts';

type DnsDrivers = Pick<ReadOnlyDrivers, 'dns' | 'resolver'>;

export interface NamesOptions {
  readonly drivers: DnsDrivers;
  readonly names: readonly DnsName[];
  /** Undefined when they are not known. */
  readonly services: readonly ServiceFinding[] | undefined;
}

export function resolveNames({ drivers, names, services }: NamesOptions): Promise<readonly NameFinding[]> {
  return Promise.all(names.map((name) => resolveName(name, drivers, services)));
}

async function resolveName({ zone, name, service }: DnsName, drivers: DnsDrivers, services: NamesOptions['services']): Promise<NameFinding> {
  try {
    const { servers } = await drivers.dns.zone(zone);
    return { name, service, servers: await Promise.all(servers.map((server) => ask(server, name, { drivers, services }))) };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { name, service, servers: [], problem: `zone ${zone}: ${error.message}` };
  }
}

async function ask(server: Server, name: string, { drivers, services }: Omit<NamesOptions, 'names'>): Promise<ServerFinding> {
  const shown = server.name === server.address ? server.address : `${server.name} (${server.address})`;
  try {
    const records = await servedRecords(drivers.resolver, server, name);
    return { server: shown, answer: describeRecords(records), leadsHere: leadsHere(records, services) };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { server: shown, answer: `no answer: ${error.detail ?? error.message}`, leadsHere: 'unknown' };
  }
}
