// The RFC 2136 driver and the resolver on the cluster's real BIND servers. Takes away every name that it made.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { DnsProvider, RecordSet, TextSet } from '../../src/drivers/dns/dns.ts';
import { changeScript } from '../../src/drivers/dns/nsupdate-script.ts';
import { dnsResolver } from '../../src/drivers/dns/resolver.ts';
import { rfc2136Provider } from '../../src/drivers/dns/rfc2136.ts';
import { runProcess } from '../../src/drivers/process.ts';
import { dnsContract } from '../contracts/dns.ts';
import { dnsRejection, recordSets } from '../contracts/dns-records.ts';
import { connection } from './support/namespaces.ts';

const { dns } = connection();
const zoneId = 'example.test';

interface Account {
  readonly key?: () => Promise<string>;
  readonly port?: number;
}

function provider({ key, port = dns.primary.port }: Account): DnsProvider {
  return rfc2136Provider({ server: `${dns.primary.address}:${port}`, readKey: key, run: runProcess });
}

const allowed: Account = { key: () => readFile(dns.tsigKeyFile, 'utf8') };
const unknownKey: Account = { key: async () => 'key "nobody" { algorithm hmac-sha256; secret "bm9ib2R5"; };' };

/** The provider, and how to remove the names that were changed through it. */
function tidy(made: DnsProvider): { readonly provider: DnsProvider; clean(): Promise<void> } {
  const names = new Set<string>();
  const noting: DnsProvider = {
    ...made,
    change(zone, change) {
      for (const { name } of change.desired) if (name.endsWith(zone.origin)) names.add(name);
      return made.change(zone, change);
    },
  };
  const clean = async (): Promise<void> => {
    const zone = await made.zone(zoneId);
    const reads = [...names].flatMap((name): Promise<readonly (RecordSet | TextSet | undefined)[]>[] => [made.read(zone, name), made.readText(zone, name).then((set) => [set])]);
    const held = (await Promise.all(reads)).flat().filter((set) => set !== undefined);
    await made.change(zone, { expected: held, desired: [] });
  };
  return { provider: noting, clean };
}

const strangers: readonly [string, Account][] = [
  ['BIND, with a stranger that signs nothing,', {}],
  ['BIND, with a stranger whose key is unknown,', unknownKey],
];
for (const [name, account] of strangers) {
  dnsContract(name, async () => {
    const { provider: noting, clean } = tidy(provider(allowed));
    const [stranger, unreachable] = [provider(account), provider({ ...allowed, port: 9 })];
    return { provider: noting, zoneId, resolver: dnsResolver(), stranger, unreachable, end: clean };
  }, { isServed: true });
}

describe('real BIND servers', () => {
  it('are both found from the NS records of the zone', async () => {
    const { servers } = await provider(allowed).zone(zoneId);
    expect(servers.map(({ address }) => address).toSorted()).toEqual([dns.primary.address, dns.secondary.address].toSorted());
  });

  it('refuse an update by themselves that was sent before another one wrote its epoch: no reading of ours comes in between', async () => {
    const { provider: noting, clean } = tidy(provider(allowed));
    const zone = await noting.zone(zoneId);
    const name = `late-${Date.now()}.${zone.origin}`;
    const { a } = recordSets(name);
    const [before, after] = [6, 7].map((epoch) => recordSets(`_changeover.${name}`).text(`changeover environment=prod epoch=${epoch} change=${epoch}`)) as [TextSet, TextSet];
    await noting.change(zone, { expected: [], desired: [a('192.0.2.1'), before] });
    const script = changeScript({ server: { ...dns.primary, name: 'primary' }, zone, key: undefined }, { expected: [a('192.0.2.1'), before], desired: [a('198.51.100.1'), after] });
    const sendLate = () => runProcess({ file: 'nsupdate', args: ['-v', '-k', dns.tsigKeyFile], input: script, timeoutMs: 10_000 });
    await noting.change(zone, { expected: [a('192.0.2.1'), before], desired: [a('192.0.2.1'), after] });
    await expect(sendLate()).rejects.toMatchObject({ stderr: expect.stringContaining('NXRRSET') });
    expect(await noting.read(zone, name)).toEqual([a('192.0.2.1')]);
    await noting.change(zone, { expected: [a('192.0.2.1'), after], desired: [a('192.0.2.1'), before] });
    // The very same update, where everything is as it expects.
    await sendLate();
    expect(await noting.read(zone, name)).toEqual([a('198.51.100.1')]);
    await clean();
  });

  it('refuse the probe where only a wildcard answers for a name: a swap could never match what it read', async () => {
    const { provider: noting, clean } = tidy(provider(allowed));
    const zone = await noting.zone(zoneId);
    const domain = `wild-${Date.now()}.${zone.origin}`;
    const [wildcard, below] = [recordSets(`*.${domain}`).a('192.0.2.1'), recordSets(`shop.${domain}`).a('192.0.2.1')];
    await noting.change(zone, { expected: [], desired: [wildcard] });
    expect(await noting.read(zone, below.name)).toEqual([below]);
    const touched = { addresses: [below.name], texts: [] };
    expect(await noting.writable(zone, touched)).toEqual({ ok: false, reason: expect.stringContaining(`only a wildcard answers for ${below.name}`) });
    await noting.change(zone, { expected: [], desired: [{ ...below, type: 'TXT', values: ['of its own'] }] });
    await noting.change(zone, { expected: [{ ...below, type: 'TXT', values: ['of its own'] }], desired: [below] });
    expect(await noting.writable(zone, touched)).toEqual({ ok: true });
    await clean();
  });

  it('give an answer that does not fit into a datagram over TCP, complete', async () => {
    const { provider: noting, clean } = tidy(provider(allowed));
    const zone = await noting.zone(zoneId);
    const set = recordSets(`many-${Date.now()}.${zone.origin}`).a(...Array.from({ length: 100 }, (_, index) => `198.51.100.${index}`));
    await noting.change(zone, { expected: [], desired: [set] });
    expect(await noting.read(zone, set.name)).toEqual([set]);
    await clean();
  });

  it('refuse questions about zones that they do not serve', async () => {
    const [server] = (await provider(allowed).zone(zoneId)).servers;
    if (server === undefined) throw new Error('no server');
    expect((await dnsRejection(dnsResolver().query(server, 'www.elsewhere.invalid.', 'A'))).reason).toBe('forbidden');
  });

  it('show no part of the key in an error', async () => {
    const zone = await provider(allowed).zone(zoneId);
    const change = { expected: [], desired: [recordSets(`never.${zone.origin}`).a('192.0.2.1')] };
    const error = await dnsRejection(provider(unknownKey).change(zone, change));
    expect(error.reason).toBe('forbidden');
    expect(JSON.stringify([error.message, error.stack])).not.toContain('bm9ib2R5');
  });
});
