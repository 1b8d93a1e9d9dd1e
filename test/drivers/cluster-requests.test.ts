// How the cluster driver asks, and what it makes of every kind of answer and of none.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connectCluster } from '../../src/drivers/cluster/client.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { DriverError } from '../../src/drivers/failure.ts';
import { configMap, rejection } from '../contracts/cluster-objects.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { apiDouble, json, kubeconfigFile, kubeconfigFor, refusal, token } from './cluster-server.ts';

const one = { kind: kinds.configMap, name: 'one', namespace: 'prod' };
const secret = { kind: kinds.secret, name: 'key', namespace: 'prod' };

async function failure(promise: Promise<unknown>): Promise<DriverError> {
  return promise.then(() => Promise.reject(new Error('it was fulfilled')), (error: unknown) => error as DriverError);
}

describe('every request', () => {
  it('says who asks, with the credentials of the kubeconfig', async () => {
    const { cluster, received } = await apiDouble(json(configMap('one', 'prod')));
    await cluster.get(one);
    expect(received[0]).toMatchObject({
      method: 'GET',
      path: '/api/v1/namespaces/prod/configmaps/one',
      headers: { 'user-agent': `changeover/${packageJson.version}`, authorization: `Bearer ${token}` },
    });
  });

  it('is told to whoever counts requests', async () => {
    const counted: string[] = [];
    const { cluster } = await apiDouble(json(configMap('one', 'prod')), { onRequest: (method, path) => counted.push(`${method} ${path}`) });
    await cluster.get(one);
    expect(counted).toEqual(['GET /api/v1/namespaces/prod/configmaps/one']);
  });

  it('goes over a connection that is used again', async () => {
    const { cluster, connections } = await apiDouble(json(configMap('one', 'prod')));
    for (let times = 0; times < 5; times += 1) await cluster.get(one);
    expect(connections()).toBe(1);
  });

  it('keeps names of objects from becoming other paths', async () => {
    const { cluster, received } = await apiDouble(refusal(404, 'NotFound', 'not found'));
    await cluster.get({ ...one, name: '../../secrets/key' });
    expect(received[0]?.path).toBe('/api/v1/namespaces/prod/configmaps/..%2F..%2Fsecrets%2Fkey');
  });
});

describe('the time of the server', () => {
  it('is what its answer is dated with', async () => {
    const { cluster } = await apiDouble((response, request) => json({ gitVersion: 'v1.35.4' })(response.setHeader('date', 'Sat, 21 Nov 2026 11:30:02 GMT'), request));
    expect(await cluster.time()).toBe(Date.UTC(2026, 10, 21, 11, 30, 2));
  });

  it.each(['', 'yesterday'])('is not known from an answer dated "%s"', async (date) => {
    const { cluster } = await apiDouble((response, request) => {
      response.sendDate = false;
      json({ gitVersion: 'v1.35.4' })(date === '' ? response : response.setHeader('date', date), request);
    });
    expect((await failure(cluster.time())).reason).toBe('unreadable');
  });
});

describe('an answer that is a refusal', () => {
  it.each([
    [400, 'invalid'],
    [401, 'forbidden'],
    [403, 'forbidden'],
    [405, 'invalid'],
    [409, 'conflict'],
    // Nothing was asked for by its version: it is asked for anew.
    [410, 'unavailable'],
    [422, 'invalid'],
    [429, 'unavailable'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
  ])('with status %i is %s', async (status, reason) => {
    const { cluster } = await apiDouble(refusal(status, 'Some', 'text'));
    expect(await rejection(cluster.get(one))).toBe(reason);
  });

  it('says what was asked, and what the server said', async () => {
    const { cluster } = await apiDouble(refusal(403, 'Forbidden', 'configmaps "one" is forbidden'));
    const { message } = await failure(cluster.get(one));
    expect(message).toBe('GET /api/v1/namespaces/prod/configmaps/one: 403 Forbidden: configmaps "one" is forbidden');
  });

  it('hands on how long the server asks to wait', async () => {
    const byHeader = await apiDouble(json({ kind: 'Status' }, 429, { 'Retry-After': '7' }));
    expect(await failure(byHeader.cluster.get(one))).toMatchObject({ reason: 'unavailable', retryAfterMs: 7_000 });
    const byStatus = await apiDouble(refusal(503, 'ServiceUnavailable', { message: 'starting', details: { retryAfterSeconds: 3 } }));
    expect(await failure(byStatus.cluster.get(one))).toMatchObject({ retryAfterMs: 3_000 });
  });

  it('is a conflict when the uid in a patch is that of an earlier object', async () => {
    const details = { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid', message: 'field is immutable' }] };
    const { cluster } = await apiDouble(refusal(422, 'Invalid', { message: 'metadata.uid: field is immutable', details }));
    expect(await rejection(cluster.patch(one, { metadata: { uid: 'other' } }))).toBe('conflict');
  });

  it('never shows what a Secret holds, nor the token that asked', async () => {
    const echo = 'data[key]: Invalid value: "hunter2"';
    const { cluster } = await apiDouble(refusal(422, 'Invalid', echo));
    const error = await failure(cluster.create(kinds.secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'prod' }, data: { key: 'hunter2' } }));
    expect(error.message).toBe('POST /api/v1/namespaces/prod/secrets: 422 Invalid');
    expect(inspect(error, { depth: null })).not.toMatch(new RegExp(`hunter2|${token}`));
  });
});

describe('an answer that proves nothing', () => {
  it('is not an absence when the 404 is the page of something in between', async () => {
    const { cluster } = await apiDouble((response) => void response.writeHead(404, { 'Content-Type': 'text/html' }).end('<h1>Not Found</h1>'));
    expect(await rejection(cluster.get(one))).toBe('unreadable');
    expect(await rejection(cluster.delete(one, 'some-uid'))).toBe('unreadable');
  });

  it.each([
    ['an HTML page', '<html>sign in</html>'],
    ['half of an object', '{"kind":"ConfigMap","metadata":{"na'],
    ['nothing', ''],
    ['a list', '[]'],
    ['an object without a name', '{"kind":"ConfigMap","metadata":{}}'],
  ])('is unreadable when it is %s', async (_title, text) => {
    const { cluster } = await apiDouble((response) => void response.end(text));
    expect(await rejection(cluster.get(one))).toBe('unreadable');
  });

  it('shows nothing of a Secret that came garbled', async () => {
    const { cluster } = await apiDouble((response) => void response.end('{"data":{"key":"hunter2"'));
    const { message } = await failure(cluster.get(secret));
    expect(message).not.toContain('hunter2');
  });

  it('is unavailable when the connection breaks in the middle', async () => {
    const { cluster } = await apiDouble((response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"kind":', () => response.destroy());
    });
    expect(await rejection(cluster.get(one))).toBe('unavailable');
  });

  it('is no verdict on a permission when the server gave none', async () => {
    const { cluster } = await apiDouble(json({ kind: 'SelfSubjectAccessReview', status: {} }));
    expect(await rejection(cluster.allowed([{ verb: 'get', group: '', resource: 'pods' }]))).toBe('unreadable');
  });
});

describe('no answer', () => {
  it('within the time-out is a timeout, before the head and in the middle of the body', async () => {
    const silent = await apiDouble(() => undefined, { requestTimeoutMs: 30 });
    expect(await rejection(silent.cluster.get(one))).toBe('timeout');
    const stuck = await apiDouble((response) => void response.write('{"kind":'), { requestTimeoutMs: 30 });
    expect(await rejection(stuck.cluster.get(one))).toBe('timeout');
  });

  it('because nobody listens is unavailable', async () => {
    const kubeconfig = await kubeconfigFile(kubeconfigFor(`http://127.0.0.1:${await unusedPort()}`));
    const cluster = await connectCluster({ kubeconfig });
    expect(await failure(cluster.get(one))).toMatchObject({ reason: 'unavailable', detail: expect.stringContaining('ECONNREFUSED') });
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('what is sent', () => {
  it('deletes exactly this uid, in the background', async () => {
    const { cluster, received } = await apiDouble(json({ kind: 'Status', status: 'Success' }));
    await cluster.delete(one, 'uid-1');
    expect(received[0]).toMatchObject({ method: 'DELETE', body: { preconditions: { uid: 'uid-1' }, propagationPolicy: 'Background' } });
  });

  it('patches as a JSON merge patch', async () => {
    const { cluster, received } = await apiDouble(json(configMap('one', 'prod')));
    await cluster.patch(one, { data: { key: null } });
    expect(received[0]).toMatchObject({ method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: { data: { key: null } } });
  });

  it('asks for the last lines of a container that ran before', async () => {
    const { cluster, received } = await apiDouble((response) => void response.end('last words\n'));
    const log = await cluster.logs({ kind: kinds.pod, name: 'portal-1', namespace: 'prod' }, { container: 'web', tailLines: 5, previous: true });
    expect(log).toBe('last words\n');
    expect(received[0]).toMatchObject({ path: '/api/v1/namespaces/prod/pods/portal-1/log', query: { container: 'web', tailLines: '5', previous: 'true' } });
  });

  it('asks about a subresource as such, and about all namespaces by naming none', async () => {
    const { cluster, received } = await apiDouble(json({ status: { allowed: false } }, 201));
    expect(await cluster.allowed([{ verb: 'create', group: '', resource: 'pods/portforward' }])).toEqual([false]);
    expect(received[0]?.body).toMatchObject({ spec: { resourceAttributes: { verb: 'create', group: '', resource: 'pods', subresource: 'portforward' } } });
    expect(received[0]?.body).not.toHaveProperty('spec.resourceAttributes.namespace');
  });

  it('never replaces without saying what it replaces', async () => {
    const { cluster, received } = await apiDouble(json(configMap('one', 'prod')));
    expect(await rejection(cluster.replace(kinds.configMap, configMap('one', 'prod')))).toBe('conflict');
    expect(received).toEqual([]);
  });
});
