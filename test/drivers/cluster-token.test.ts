// Tokens of accounts: how they are asked for, and that no error holds one.

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DriverError } from '../../src/drivers/failure.ts';
import { apiDouble, json, refusal } from './cluster-server.ts';

const account = { namespace: 'prod-2hpwr', name: 'changeover-installer' };

async function failure(promise: Promise<unknown>): Promise<DriverError> {
  return promise.then(() => Promise.reject(new Error('it was fulfilled')), (error: unknown) => error as DriverError);
}

describe('a token of an account', () => {
  it('is asked of the account itself, for as long as it is needed', async () => {
    const { cluster, received } = await apiDouble(json({ status: { token: 'of-the-installer' } }));
    expect(await cluster.token(account, 3_600_000)).toBe('of-the-installer');
    expect(received[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/prod-2hpwr/serviceaccounts/changeover-installer/token',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } },
    });
  });

  it('is never asked for less than the ten minutes that a server gives at least', async () => {
    const { cluster, received } = await apiDouble(json({ status: { token: 'of-the-installer' } }));
    await cluster.token(account, 1_000);
    expect(received[0]?.body).toMatchObject({ spec: { expirationSeconds: 600 } });
  });

  it('of an account that is not there is not found', async () => {
    const { cluster } = await apiDouble(refusal(404, 'NotFound', 'serviceaccounts "changeover-installer" not found'));
    expect(await failure(cluster.token(account, 1_000))).toMatchObject({ reason: 'notFound' });
  });

  it.each([{}, { status: {} }, { status: { token: '' } }, { status: { token: 7 }, secret: 'planted' }])('is none when the answer is %j, and the answer is not repeated', async (answer) => {
    const { cluster } = await apiDouble(json(answer));
    const error = await failure(cluster.token(account, 1_000));
    expect(error.reason).toBe('unreadable');
    expect(inspect(error, { depth: null })).not.toContain('planted');
  });
});

describe('a question about one object', () => {
  it('names it, so that a right to this one alone is a yes', async () => {
    const { cluster, received } = await apiDouble(json({ status: { allowed: true } }));
    expect(await cluster.allowed([{ verb: 'bind', group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'changeover-prod-installer' }])).toEqual([true]);
    expect(received[0]?.body).toMatchObject({ spec: { resourceAttributes: { verb: 'bind', resource: 'clusterroles', name: 'changeover-prod-installer' } } });
  });
});
