// Google Cloud DNS at its public addresses, as production has it: what goes over the wire, and that nothing else does.

import { generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { googleCloudProvider } from '../../src/drivers/dns/google-cloud.ts';

const zone = { id: 'production', origin: 'example.test.', servers: [] };
const before = { name: 'www.example.test.', type: 'A', ttl: 60, values: ['192.0.2.1'] } as const;
const after = { ...before, values: ['198.51.100.1'] };

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const key = JSON.stringify({ type: 'service_account', project_id: 'shop', client_email: 'runner@shop.example', private_key: privateKey, token_uri: 'https://oauth2.googleapis.com/token' });

beforeEach(() => {
  nock.disableNetConnect();
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

function provider() {
  return googleCloudProvider({ project: undefined, readCredentials: async () => key, endpoint: undefined, dnsServers: {} });
}

test('a change is one signed POST with exactly the old and the new record set', async () => {
  const bodies: unknown[] = [];
  nock('https://oauth2.googleapis.com').post('/token').reply(200, { access_token: 'token-of-the-test', token_type: 'Bearer', expires_in: 3_600 });
  const api = nock('https://dns.googleapis.com', { reqheaders: { authorization: 'Bearer token-of-the-test' } });
  api.get('/dns/v1/projects/shop/managedZones/production/rrsets').query(true).reply(200, { rrsets: [{ name: before.name, type: 'A', ttl: 60, rrdatas: ['192.0.2.1'] }] });
  api.post('/dns/v1/projects/shop/managedZones/production/changes', (body) => bodies.push(body) > 0).reply(200, { id: '7', status: 'pending' });
  await provider().change(zone, { expected: [before], desired: [after] });
  expect(bodies).toEqual([
    {
      additions: [{ name: 'www.example.test.', type: 'A', ttl: 60, rrdatas: ['198.51.100.1'] }],
      deletions: [{ name: 'www.example.test.', type: 'A', ttl: 60, rrdatas: ['192.0.2.1'] }],
    },
  ]);
});

test('credentials that Google refuses are told as such, without the key', async () => {
  nock('https://oauth2.googleapis.com').post('/token').reply(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  const error = await provider().read(zone, before.name).catch((reason: unknown) => reason);
  expect(String(error)).toContain('invalid_grant');
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('PRIVATE KEY');
});
