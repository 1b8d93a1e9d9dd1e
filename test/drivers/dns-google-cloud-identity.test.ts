// Google Cloud DNS from a pod with Workload Identity: no key anywhere, the token comes from the metadata server. Both servers are
// doubles on loopback; docs/decisions/ says what only Google itself can prove.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate, type Certificate } from '../support/certificate.ts';
import { googleCloudDouble, type GoogleCloudDouble } from './google-cloud-double.ts';
import type { Outcome } from './google-cloud-mover.ts';
import { googleMetadataDouble, type GoogleMetadataDouble, type Identity } from './google-metadata-double.ts';

const identity: Identity = { project: 'shop', token: 'planted-token-of-the-metadata-server' };
const name = 'www.example.test.';
let directory: string;
let certificate: Certificate;
let metadata: GoogleMetadataDouble;
let cloud: GoogleCloudDouble;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-test-'));
  await mkdir(join(directory, 'home'));
  certificate = await makeCertificate(directory);
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(async () => {
  await metadata.close();
  await cloud.close();
});

/** What the program printed, with an empty home and nothing else of this machine's own environment. */
async function moved(given: Partial<Identity> = {}): Promise<{ readonly outcome: Outcome; readonly stderr: string }> {
  metadata = await googleMetadataDouble({ ...identity, ...given });
  const sets = [{ name, type: 'A', ttl: 60, rrdatas: ['192.0.2.1'] }];
  cloud = await googleCloudDouble({ production: { dnsName: 'example.test.', nameServers: ['ns.example.net.'], sets } }, certificate);
  const env = { HOME: join(directory, 'home'), GCE_METADATA_HOST: metadata.host, NODE_EXTRA_CA_CERTS: certificate.file };
  const program = resolve(import.meta.dirname, 'google-cloud-mover.ts');
  const { stdout, stderr } = await execa(process.execPath, [program, cloud.endpoint, name, '192.0.2.1', '198.51.100.1'], { env, extendEnv: false });
  return { outcome: JSON.parse(stdout) as Outcome, stderr };
}

describe('without credentials, in a pod with an identity', { timeout: 30_000 }, () => {
  it('the names are moved with one token of the metadata server, in the project that it names', async () => {
    const { outcome } = await moved();
    const set = { name, type: 'A', ttl: 60 };
    expect(outcome).toEqual({ writable: { ok: true }, expected: [{ ...set, values: ['192.0.2.1'] }], after: [{ ...set, values: ['198.51.100.1'] }] });
    expect(new Set(cloud.requests.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${identity.token}`]));
    expect(cloud.requests.filter(({ path }) => !path.startsWith('/dns/v1/projects/shop/managedZones/production'))).toEqual([]);
    const tokens = metadata.requests.filter((path) => path.includes('/token')).map(decodeURIComponent);
    expect(tokens).toEqual([expect.stringContaining('https://www.googleapis.com/auth/ndev.clouddns.readwrite')]);
  });

  it.each([
    [403, 'forbidden'],
    [404, 'forbidden'],
    [500, 'unavailable'],
  ])('a metadata server that answers %d instead of a token is told as: %s; and nothing is sent to Cloud DNS', async (refusal, reason) => {
    const { outcome, stderr } = await moved({ refusal });
    expect(outcome).toMatchObject({ reason, detail: expect.stringContaining('no access token') });
    expect(cloud.requests).toEqual([]);
    expect(`${JSON.stringify(outcome)}${stderr}`).not.toContain(identity.token);
  });
});
