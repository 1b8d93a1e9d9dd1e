// Changes zones of Google Cloud DNS by single atomic changes. Never waits for a change, and never uses what deletes by type.

import type { DNS, Record as CloudRecord, Zone as CloudZone } from '@google-cloud/dns';
import * as z from 'zod';
import { canonicalAddress } from '../../ip-address.ts';
import { DriverError, failedWith } from '../failure.ts';
import type { DnsProvider, RecordSet, TextSet, ZoneChange } from './dns.ts';
import { googleCloudClient } from './google-cloud-client.ts';
import { configuredServers, nameServers, type NameServerOptions } from './name-servers.ts';
import { absoluteName, addressTypes, assertExpected, changeInZone, differenceOf, nameInZone, namesOf, sameRecordSet } from './record-sets.ts';

export interface GoogleCloudOptions extends NameServerOptions {
  /** Default: the project of the credentials. */
  readonly project: string | undefined;
  /** The JSON text of a service account's key; undefined for Workload Identity and the like. */
  readonly readCredentials: (() => Promise<string>) | undefined;
  /** Another API endpoint. To a plain `http:` one no credentials are sent. */
  readonly endpoint: string | undefined;
  /** For one request. Default 10 000. */
  readonly timeoutMs?: number;
}

/** What a rebuild does in a zone. */
const permissions = ['dns.changes.create', 'dns.resourceRecordSets.create', 'dns.resourceRecordSets.delete', 'dns.resourceRecordSets.list', 'dns.resourceRecordSets.update'];

export function googleCloudProvider(options: GoogleCloudOptions): DnsProvider {
  let client: Promise<DNS> | undefined;
  const connected = (): Promise<DNS> => {
    client ??= connect(options).catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  };
  const cloudZone = async (id: string): Promise<CloudZone> => (await connected()).zone(managedZoneName(id));

  return {
    async zone(id) {
      const [metadata] = (await (await cloudZone(id)).getMetadata()) as readonly unknown[];
      const { dnsName, nameServers: names } = understood(zoneSchema, metadata, `managed zone ${id}`);
      const servers = (await configuredServers(id, options)) ?? (await nameServers(names, new Map(), options));
      return { id, origin: absoluteName(dnsName), servers };
    },

    async read(zone, name) {
      const held = await readHeld(await cloudZone(zone.id), nameInZone(zone, name), addressTypes);
      return held.flatMap(({ set }) => (isText(set) ? [] : [set]));
    },

    async readText(zone, name) {
      const held = await readHeld(await cloudZone(zone.id), nameInZone(zone, name), textTypes);
      return held.map(({ set }) => set).find(isText);
    },

    async writable(zone) {
      try {
        const granted = await testPermissions(await cloudZone(zone.id));
        const missing = permissions.filter((permission) => !granted.includes(permission));
        return missing.length === 0 ? { ok: true } : { ok: false, reason: `the account lacks ${missing.join(', ')}` };
      } catch (error) {
        if (failedWith(error, 'forbidden')) return { ok: false, reason: error.detail ?? error.message };
        throw error;
      }
    },

    async change(zone, change) {
      const wanted = changeInZone(zone, change);
      const target = await cloudZone(zone.id);
      const held = await heldOf(target, wanted);
      // A deletion must match exactly what is there, which guards every set that changes. That none has come beside them,
      // and that those which stay have stayed, no change can demand: this read is the guard.
      assertExpected(zone, held.map(({ set }) => set), wanted);
      const { deletions, additions } = differenceOf(wanted);
      if (deletions.length + additions.length === 0) return;
      const exactly = held.filter(({ set }) => deletions.some((deletion) => sameRecordSet(deletion, set)));
      await createChange(target, { delete: exactly.map(({ record }) => record), add: additions.map((set) => recordOf(target, set)) });
    },
  };
}

async function connect({ project, readCredentials, endpoint, timeoutMs = 10_000 }: GoogleCloudOptions): Promise<DNS> {
  return googleCloudClient({ project, credentials: await readCredentials?.(), endpoint, timeoutMs });
}

/** Name or number of a managed zone; anything else would lead to another path of the API. */
function managedZoneName(id: string): string {
  if (/^[a-z0-9][-a-z0-9]{0,62}$/.test(id)) return id;
  throw new DriverError({ reason: 'notFound', attempted: `managed zone ${id}`, detail: 'a managed zone’s name has lower-case letters, digits and dashes only' });
}

const textTypes = ['TXT'];
const zoneSchema = z.object({ dnsName: z.string().min(1), nameServers: z.array(z.string()).min(1) });
const recordSchema = z.object({ name: z.string(), type: z.string(), ttl: z.number() });
const plainRecordSchema = recordSchema.extend({ type: z.enum([...addressTypes, 'TXT']), rrdatas: z.array(z.string()).min(1) });
const permissionsSchema = z.object({ permissions: z.array(z.string()).default([]) });

/** A record set, and the library's record that deletes exactly it. */
interface Held {
  readonly set: RecordSet | TextSet;
  readonly record: CloudRecord;
}

/** Of each name what the change is about: addresses, or texts. */
async function heldOf(zone: CloudZone, change: ZoneChange): Promise<readonly Held[]> {
  const { addresses, texts } = namesOf(change);
  const all = await Promise.all([...addresses.map((name) => readHeld(zone, name, addressTypes)), ...texts.map((name) => readHeld(zone, name, textTypes))]);
  return all.flat();
}

function isText(set: RecordSet | TextSet): set is TextSet {
  return set.type === 'TXT';
}

async function readHeld(zone: CloudZone, name: string, types: readonly string[]): Promise<readonly Held[]> {
  const [records] = await zone.getRecords({ name });
  return records.flatMap((record) => heldBy(record, name, types));
}

/** Throws 'unreadable' for sets without plain values, such as those with a routing policy: they are not empty. */
function heldBy(record: CloudRecord, name: string, types: readonly string[]): readonly Held[] {
  const raw = record.toJSON();
  const found = understood(recordSchema, raw, `record set of ${name}`);
  if (absoluteName(found.name) !== name || !types.includes(found.type)) return [];
  const { type, ttl, rrdatas } = understood(plainRecordSchema, raw, `record set ${name} ${found.type}`);
  const set = type === 'TXT' ? { name, type, ttl, values: rrdatas.map(unquoted).toSorted() } : { name, type, ttl, values: rrdatas.map(canonicalAddress).toSorted() };
  return [{ set, record }];
}

/** As in a zone file: a text is one or more quoted parts, or single words (RFC 1035 section 5.1). */
function unquoted(data: string): string {
  return [...data.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/g)].map(([, quoted, word]) => quoted ?? word).join('');
}

/**
 * https://cloud.google.com/dns/docs/reference/rest/v1/managedZones/testIamPermissions: it "may fail open", so that a yes is a good
 * sign and no promise. A change that cannot succeed would tell more, but would be an attempt to write.
 */
async function testPermissions(zone: CloudZone): Promise<readonly string[]> {
  const [body] = (await zone.request({ method: 'POST', uri: ':testIamPermissions', json: { permissions } })) as unknown as readonly unknown[];
  return understood(permissionsSchema, body, `permissions in managed zone ${zone.id}`).permissions;
}

async function createChange(zone: CloudZone, change: { readonly add: CloudRecord[]; readonly delete: CloudRecord[] }): Promise<void> {
  try {
    await zone.createChange(change);
  } catch (error) {
    // 404 is said of the zone, and of a deletion whose record set is gone.
    if (failedWith(error, 'notFound') && error.detail?.includes('entity.change') === true) {
      throw new DriverError({ reason: 'conflict', attempted: error.attempted, detail: error.detail });
    }
    throw error;
  }
}

function recordOf(zone: CloudZone, { name, type, ttl, values }: RecordSet | TextSet): CloudRecord {
  return zone.record(type.toLowerCase(), { name, ttl, data: type === 'TXT' ? values.map((value) => `"${value}"`) : [...values] });
}

function understood<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DriverError({ reason: 'unreadable', attempted: `reading ${what}`, detail: z.prettifyError(result.error) });
}

