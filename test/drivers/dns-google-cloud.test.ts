// The Google Cloud driver, with the real client library, against an API double on loopback.

import { afterEach, describe, expect, it } from 'vitest';
import { googleCloudProvider, type GoogleCloudOptions } from '../../src/drivers/dns/google-cloud.ts';
import { dnsContract } from '../contracts/dns.ts';
import { dnsRejection, recordSets } from '../contracts/dns-records.ts';
import { googleCloudDouble, type GoogleCloudDouble, type Interference } from './google-cloud-double.ts';

const nameServers = ['ns-cloud-d1.googledomains.com.', 'ns-cloud-d2.googledomains.com.'];
const addresses: Readonly<Record<string, readonly string[]>> = { [nameServers[0] ?? '']: ['2001:4860:4802:32::6d', '216.239.32.109'], [nameServers[1] ?? '']: ['216.239.34.109'] };

async function lookupHost(name: string): Promise<readonly string[]> {
  return addresses[name] ?? [];
}

function startDouble(): Promise<GoogleCloudDouble> {
  const apex = { name: 'example.test.', ttl: 21_600 };
  const sets = [{ ...apex, type: 'NS', rrdatas: nameServers }, { ...apex, type: 'TXT', rrdatas: ['"x"'] }];
  return googleCloudDouble({ production: { dnsName: 'example.test.', nameServers, sets } });
}

function providerOf(endpoint: string, options: Partial<GoogleCloudOptions> = {}) {
  return googleCloudProvider({ project: 'shop', readCredentials: undefined, endpoint, lookupHost, ...options });
}

dnsContract('Google Cloud DNS', async () => {
  const [double, stopped] = [await startDouble(), await startDouble()];
  await stopped.close();
  return {
    provider: providerOf(double.endpoint),
    zoneId: 'production',
    stranger: providerOf(double.endpoint, { project: 'reader' }),
    unreachable: providerOf(stopped.endpoint),
    end: () => double.close(),
  };
}, { isServed: false });

let double: GoogleCloudDouble;
const running: GoogleCloudDouble[] = [];
afterEach(async () => {
  for (const started of running.splice(0)) await started.close();
});

async function setUp(options: Partial<GoogleCloudOptions> = {}) {
  double = await startDouble();
  running.push(double);
  const provider = providerOf(double.endpoint, options);
  return { provider, zone: { id: 'production', origin: 'example.test.', servers: [] } };
}

const www = recordSets('www.example.test.');
const held = { name: 'www.example.test.', type: 'A', ttl: 60, rrdatas: ['192.0.2.2', '192.0.2.1'] };
const move = { expected: [www.a('192.0.2.1', '192.0.2.2')], desired: [www.a('198.51.100.1')] };

describe('Google Cloud DNS', () => {
  it('serves a zone from all its name servers, by one address family each', async () => {
    const { provider } = await setUp();
    expect(await provider.zone('production')).toEqual({
      id: 'production',
      origin: 'example.test.',
      servers: [
        { address: '216.239.32.109', port: 53, name: 'ns-cloud-d1.googledomains.com' },
        { address: '216.239.34.109', port: 53, name: 'ns-cloud-d2.googledomains.com' },
      ],
    });
  });

  it('moves names by one change that names exactly what is there, and waits for nothing', async () => {
    const { provider, zone } = await setUp();
    double.zones['production']?.sets.push(held);
    await provider.change(zone, move);
    const posts = double.requests.filter(({ method }) => method === 'POST');
    expect(posts).toEqual([
      {
        method: 'POST',
        path: '/dns/v1/projects/shop/managedZones/production/changes',
        authorization: undefined,
        body: { additions: [{ name: 'www.example.test.', type: 'A', ttl: 60, rrdatas: ['198.51.100.1'] }], deletions: [expect.objectContaining(held)] },
      },
    ]);
    expect(double.requests).toHaveLength(2);
  });

  it('reads every page of a name before it says what is there', async () => {
    const { provider, zone } = await setUp();
    const others = ['TXT', 'MX', 'CAA'].map((type) => ({ name: held.name, type, ttl: 5, rrdatas: ['x'] }));
    double.zones['production']?.sets.push(...others, held);
    expect(await provider.read(zone, 'www.example.test.')).toEqual(move.expected);
    expect(double.requests.map(({ path }) => path.split('?')[1])).toEqual(['name=www.example.test.', 'name=www.example.test.&pageToken=2']);
  });

  it('cannot read a name with a routing policy, and does not take it for an empty one', async () => {
    const { provider, zone } = await setUp();
    double.zones['production']?.sets.push({ name: held.name, type: 'A', ttl: 5, routingPolicy: { geo: {} } });
    expect((await dnsRejection(provider.read(zone, held.name))).reason).toBe('unreadable');
  });

  it('says which permissions are missing', async () => {
    const { provider, zone } = await setUp({ project: 'reader' });
    const reason = 'the account lacks dns.changes.create, dns.resourceRecordSets.create, dns.resourceRecordSets.delete, dns.resourceRecordSets.update';
    expect(await provider.writable(zone)).toEqual({ ok: false, reason });
  });

  it.each(['production/changes', '../../other', 'Production', ''])('looks for no zone called "%s": it would be another path of the API', async (id) => {
    const { provider } = await setUp();
    expect((await dnsRejection(provider.zone(id))).reason).toBe('notFound');
    expect(double.requests).toEqual([]);
  });
});

describe('a change of a zone at Google Cloud DNS that', () => {
  const reply = (status: number, reason: string, message = 'm'): Exclude<Interference, string> => ({ status, body: JSON.stringify({ error: { code: status, message, errors: [{ reason }] } }) });
  const outcomes: readonly [string, Interference, string][] = [
    ['met another record set', reply(412, 'conditionNotMet'), 'conflict'],
    ['found its name taken', reply(409, 'alreadyExists'), 'conflict'],
    ['found its deletion gone', reply(404, 'notFound', "The 'entity.change.deletions[0]' resource named 'x' does not exist."), 'conflict'],
    ['found an alias beside it', reply(400, 'cnameResourceRecordSetConflict'), 'conflict'],
    ['found no such zone', reply(404, 'notFound', "The 'parameters.managedZone' resource named 'x' does not exist."), 'notFound'],
    ['was refused', reply(403, 'forbidden'), 'forbidden'],
    ['came without credentials', reply(401, 'authError'), 'forbidden'],
    ['came too often', reply(403, 'rateLimitExceeded'), 'unavailable'],
    ['was wrong', reply(400, 'invalid'), 'invalid'],
    ['met a server in trouble', reply(503, 'backendError'), 'unavailable'],
    ['got a page of HTML', { status: 200, body: '<html>' }, 'unreadable'],
    ['lost its connection', 'cut', 'unavailable'],
    ['got no answer', 'silence', 'timeout'],
  ];
  it.each(outcomes)('%s was sent once, and is %s: %s', async (_title, interference, reason) => {
    const { provider, zone } = await setUp({ timeoutMs: 1_000 });
    double.zones['production']?.sets.push(held);
    double.interfere = () => (double.requests.at(-1)?.method === 'POST' ? interference : undefined);
    expect((await dnsRejection(provider.change(zone, move))).reason).toBe(reason);
    expect(double.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('came too often tells when to come again', async () => {
    const { provider, zone } = await setUp();
    double.interfere = () => ({ ...reply(429, 'rateLimitExceeded'), headers: { 'retry-after': '7' } });
    expect(await dnsRejection(provider.change(zone, move))).toMatchObject({ reason: 'unavailable', retryAfterMs: 7_000 });
  });
});

describe('credentials for Google Cloud', () => {
  it('that are not the JSON of a key are refused without being quoted', async () => {
    const { provider } = await setUp({ readCredentials: async () => '-----BEGIN PRIVATE KEY-----' });
    const error = await dnsRejection(provider.zone('production'));
    expect(error.reason).toBe('invalid');
    expect(error.message).not.toContain('PRIVATE');
  });

  it('that do not work are refused before anything is sent, without showing them', async () => {
    const key = { type: 'service_account', project_id: 'shop', client_email: 'mover@shop.iam.gserviceaccount.com', private_key: 'not-a-private-key' };
    const { zone } = await setUp();
    const error = await dnsRejection(providerOf('https://127.0.0.1:9', { readCredentials: async () => JSON.stringify(key) }).read(zone, held.name));
    expect(error.reason).toBe('forbidden');
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toContain('not-a-private-key');
  });

  it('are never sent over plain HTTP', async () => {
    const key = { type: 'authorized_user', client_id: 'i', client_secret: 'planted-secret', refresh_token: 'planted-token' };
    const { provider } = await setUp({ readCredentials: async () => JSON.stringify(key) });
    await provider.zone('production');
    expect(JSON.stringify(double.requests)).not.toMatch(/planted/);
    expect(double.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('are read again after a failure: a Secret may have been corrected meanwhile', async () => {
    const texts = ['not yet', JSON.stringify({ type: 'authorized_user' })];
    const { provider } = await setUp({ readCredentials: async () => texts.shift() ?? '' });
    expect((await dnsRejection(provider.zone('production'))).reason).toBe('invalid');
    expect(await provider.zone('production')).toMatchObject({ origin: 'example.test.' });
  });
});
