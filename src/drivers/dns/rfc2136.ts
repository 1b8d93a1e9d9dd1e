// Changes zones by RFC 2136 updates through nsupdate, and reads them from the primary. One message per change; never repeats one.

import { DriverError } from '../failure.ts';
import type { RunProcess } from '../process.ts';
import { askAuthority } from './authority.ts';
import type { DnsProvider, RecordSet, Server, TextSet, Zone } from './dns.ts';
import { configuredServers, nameServers, serversAt, type NameServerOptions } from './name-servers.ts';
import { nsupdate, UpdateError } from './nsupdate.ts';
import { changeScript, probeScript, type ScriptOptions } from './nsupdate-script.ts';
import { absoluteName, addressTypes, assertExpected, changeInZone, heldOf, nameInZone, recordSetsOf, textSetOf } from './record-sets.ts';
import { parseTsigKey } from './tsig-key.ts';

export interface Rfc2136Options extends NameServerOptions {
  /** The primary: `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]`, or a host name. */
  readonly server: string;
  /** The text of a TSIG key file, read anew for every update; undefined where updates are not signed. */
  readonly readKey: (() => Promise<string>) | undefined;
  readonly run: RunProcess;
  /** For one DNS question. Default 2000. */
  readonly queryTimeoutMs?: number;
  /** For one update. Default 10 000. */
  readonly updateTimeoutMs?: number;
}

export function rfc2136Provider(options: Rfc2136Options): DnsProvider {
  const primary = (): Promise<Server> => firstServer(options);
  const ask = async (name: string, type: (typeof addressTypes)[number] | 'TXT' | 'SOA' | 'NS') =>
    askAuthority({ server: await primary(), name, type, timeoutMs: options.queryTimeoutMs ?? 2_000 });

  async function read(zone: Zone, name: string): Promise<readonly RecordSet[]> {
    const owner = nameInZone(zone, name);
    const sets = await Promise.all(addressTypes.map(async (type) => recordSetsOf(owner, (await ask(owner, type)).answers)));
    return consistent(owner, sets.flat());
  }

  async function readText(zone: Zone, name: string): Promise<TextSet | undefined> {
    const owner = nameInZone(zone, name);
    return textSetOf(owner, (await ask(owner, 'TXT')).answers);
  }

  async function update(zone: Zone, script: (scriptOptions: ScriptOptions) => string): Promise<void> {
    const key = options.readKey === undefined ? undefined : parseTsigKey(await options.readKey());
    const server = await primary();
    await nsupdate({ server, zone, input: script({ server, zone, key }), secret: key?.secret, run: options.run, timeoutMs: options.updateTimeoutMs ?? 10_000 });
  }

  return {
    read,
    readText,

    async zone(id) {
      const origin = absoluteName(id);
      const start = await ask(origin, 'SOA');
      if (!start.answers.some(({ type, name }) => type === 'SOA' && absoluteName(name) === origin)) {
        throw new DriverError({ reason: 'notFound', attempted: `DNS zone ${id} at ${options.server}`, detail: 'no zone begins there' });
      }
      const servers = (await configuredServers(id, options)) ?? (await serversByNs(origin, ask, options));
      return { id, origin, servers };
    },

    async writable(zone, { addresses, texts } = { addresses: [], texts: [] }) {
      const inZone = (names: readonly string[]): readonly string[] => names.map((name) => nameInZone(zone, name));
      const touched = { addresses: inZone(addresses), texts: inZone(texts) };
      const held = await Promise.all(touched.addresses.map(async (name) => ((await read(zone, name)).length > 0 ? [name] : [])));
      const answered = held.flat();
      try {
        await update(zone, (scriptOptions) => probeScript(scriptOptions, touched, answered));
      } catch (error) {
        return probed(error, answered);
      }
      throw new DriverError({ reason: 'unreadable', attempted: `probe of DNS zone ${zone.id}`, detail: 'the server accepted what cannot be accepted' });
    },

    async change(zone, change) {
      const wanted = changeInZone(zone, change);
      const held = await heldOf(wanted, { addresses: (name) => read(zone, name), text: (name) => readText(zone, name) });
      // Prerequisites compare values, never TTLs (RFC 2136 section 2.4.2); whoever changes only a TTL later than this is overruled.
      assertExpected(zone, held, wanted);
      await update(zone, (scriptOptions) => changeScript(scriptOptions, wanted));
    },
  };
}

async function firstServer(options: Rfc2136Options): Promise<Server> {
  const [server] = await serversAt(options.server, options);
  if (server === undefined) throw new DriverError({ reason: 'unavailable', attempted: `DNS server ${options.server}`, detail: 'it has no address' });
  return server;
}

/** An alias answers all three questions: it counts once. Beside addresses it means that the zone changed meanwhile. */
function consistent(name: string, sets: readonly RecordSet[]): readonly RecordSet[] {
  const byType = [...new Map(sets.map((set) => [set.type, set])).values()];
  if (byType.length === 1 || byType.every(({ type }) => type !== 'CNAME')) return byType;
  throw new DriverError({ reason: 'unavailable', attempted: `reading ${name}`, detail: 'it changed while it was read' });
}

type AskPrimary = (name: string, type: 'A' | 'AAAA' | 'NS') => ReturnType<typeof askAuthority>;

async function serversByNs(origin: string, ask: AskPrimary, options: Rfc2136Options): Promise<readonly Server[]> {
  const { answers, additionals } = await ask(origin, 'NS');
  const names = answers.flatMap((record) => (record.type === 'NS' && absoluteName(record.name) === origin ? [absoluteName(record.data)] : []));
  if (names.length === 0) throw new DriverError({ reason: 'unreadable', attempted: `name servers of ${origin}`, detail: 'the zone has no NS records' });
  const known = names.map((name) => [name, recordSetsOf(name, additionals).flatMap(({ values }) => values)] as const);
  return nameServers(names, new Map(known.filter(([, addresses]) => addresses.length > 0)), options);
}

function probed(error: unknown, answered: readonly string[]): Awaited<ReturnType<DnsProvider['writable']>> {
  if (error instanceof UpdateError && error.code === 'NXDOMAIN') {
    return { ok: false, reason: `only a wildcard answers for ${answered.length === 1 ? answered[0] : `one of ${answered.join(', ')}`}, and a swap changes records of the name's own: create them first, as the wildcard has them` };
  }
  if (error instanceof UpdateError && error.code === 'YXDOMAIN') return { ok: true };
  if (error instanceof DriverError && error.reason === 'forbidden') return { ok: false, reason: error.detail ?? error.message };
  throw error;
}
