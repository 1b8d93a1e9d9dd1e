// `dns` and `dnsProvider`: the public names, and who serves their zones.
// Patterns carry no flags: editors read them from the JSON Schema, which has none.

import * as z from 'zod';
import { secretSource } from '../values.ts';

const hostNamePattern = /^(\*\.)?([a-zA-Z0-9_]([-a-zA-Z0-9_]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\.?$/;

const hostName = z
  .string()
  .max(254)
  .regex(hostNamePattern, { error: 'must be a DNS name such as www.example.org' })
  .transform(qualified)
  .meta({ typeName: 'DNS name' });

/** Lower case, with the trailing dot: the one spelling used after loading. */
export function qualified(name: string): string {
  return `${name.toLowerCase().replace(/\.$/, '')}.`;
}

/** `example-com` of Google Cloud, or a zone's name: `example.org`, `_tcp.example.org.`, `0/25.2.0.192.in-addr.arpa`. */
const zone = z
  .string()
  .max(254)
  .regex(/^[a-zA-Z0-9_][-a-zA-Z0-9_./]*$/, { error: 'must be the name of a zone such as example.org, or of a managed zone such as example-org' })
  .meta({ typeName: 'name' });

/** A Service's name is a valid label value, too. */
const service = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?$/, { error: 'must be the name of a Service, or the value of its label `name`: letters, digits, dashes, dots and underscores' })
  .meta({ typeName: 'name' });

export const dnsName = z.strictObject({
  zone: zone.describe('Managed zone (Google Cloud) or zone name (RFC 2136)'),
  name: hostName.describe('The public name, with or without the trailing dot'),
  service: service.describe('Name of a LoadBalancer Service of the release, or the value of its label `name`'),
  ttl: z.int().min(1).max(86_400).optional().describe('Seconds, for a name that does not exist yet; an existing TTL is kept'),
});
export type DnsName = z.infer<typeof dnsName>;

export const dns = z.array(dnsName).min(1);

const server = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+)(:\d+)?$/, { error: 'must be an address such as 192.0.2.53 or 192.0.2.53:5353' })
  .meta({ typeName: 'address' });

const googleCloud = z
  .strictObject({
    project: z.string().min(1).optional().describe('Default: the project of the credentials'),
    credentials: secretSource.optional().describe('Service account key (JSON); default: Workload Identity'),
    endpoint: z.url().optional().describe('Another API endpoint, for tests and private access'),
  })
  .describe('Google Cloud DNS');

const rfc2136 = z
  .strictObject({
    server: server.describe('The primary, which takes updates'),
    key: secretSource.optional().describe('TSIG key file, as BIND writes it'),
  })
  .describe('Any server that takes dynamic updates: BIND, Knot, PowerDNS');

export const dnsProvider = z.union([z.strictObject({ googleCloud }), z.strictObject({ rfc2136 })]);

export const dnsServers = z
  .record(z.string(), z.array(server).min(1))
  .describe('Authoritative servers of a zone, by zone; default: what the zone’s own NS records say');
