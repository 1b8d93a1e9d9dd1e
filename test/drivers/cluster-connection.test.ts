// Which cluster a kubeconfig leads to, and how a kubeconfig that leads nowhere is told without showing its secrets.

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connectCluster } from '../../src/drivers/cluster/client.ts';
import type { DriverError } from '../../src/drivers/failure.ts';
import { apiDouble, json, kubeconfigFile, kubeconfigFor, token } from './cluster-server.ts';

async function refused(promise: Promise<unknown>): Promise<DriverError> {
  return promise.then(() => Promise.reject(new Error('it was fulfilled')), (error: unknown) => error as DriverError);
}

describe('a kubeconfig', () => {
  it('leads to the cluster of its current context', async () => {
    const { cluster } = await apiDouble(json({ gitVersion: 'v1.35.4' }));
    expect(await cluster.identity()).toMatchObject({ context: 'here', cluster: 'double', version: 'v1.35.4', server: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/) });
  });

  it('leads to another one when its context is named', async () => {
    const kubeconfig = await kubeconfigFile(kubeconfigFor('http://127.0.0.1:1'));
    expect(await connectCluster({ kubeconfig, context: 'there' })).toMatchObject({ context: 'there' });
    const error = await refused(connectCluster({ kubeconfig, context: 'nowhere' }));
    expect(error).toMatchObject({ reason: 'notFound', message: 'use the context nowhere: the kubeconfig has: here, there' });
  });

  it('that is not there is named', async () => {
    const error = await refused(connectCluster({ kubeconfig: '/no/such/kubeconfig' }));
    expect(error).toMatchObject({ reason: 'notFound', message: 'read the kubeconfig /no/such/kubeconfig: there is no such file' });
  });

  it('that cannot be parsed is named, without quoting the lines around the fault', async () => {
    const kubeconfig = await kubeconfigFile(`users:\n- name: tester\n  user: { token: ${token}\n`);
    const error = await refused(connectCluster({ kubeconfig }));
    expect(error.reason).toBe('invalid');
    expect(inspect(error, { depth: null })).not.toContain(token);
  });

  it('without a cluster for its context is refused before anything is sent', async () => {
    const kubeconfig = await kubeconfigFile(JSON.stringify({ 'current-context': 'lost', contexts: [{ name: 'lost', context: { cluster: 'gone', user: 'tester' } }] }));
    expect(await refused(connectCluster({ kubeconfig }))).toMatchObject({ reason: 'invalid' });
  });

  it('whose credentials cannot be obtained says as whom, and not what the plug-in printed', async () => {
    const config = JSON.parse(kubeconfigFor('http://127.0.0.1:1')) as { users: unknown };
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', `echo ${token} >&2; exit 1`], interactiveMode: 'Never' };
    config.users = [{ name: 'tester', user: { exec } }];
    const cluster = await connectCluster({ kubeconfig: await kubeconfigFile(JSON.stringify(config)) });
    const error = await refused(cluster.identity());
    expect(error).toMatchObject({ reason: 'forbidden', message: 'obtain credentials: as tester, as the kubeconfig says' });
    expect(error.cause).toBeUndefined();
    await expect(cluster.tunnel('prod', 'portal', 80)).rejects.toThrow('obtain credentials: as tester');
  });

  it('whose plug-in is not installed says which', async () => {
    const config = JSON.parse(kubeconfigFor('http://127.0.0.1:1')) as { users: unknown };
    config.users = [{ name: 'tester', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-login', interactiveMode: 'Never' } } }];
    const cluster = await connectCluster({ kubeconfig: await kubeconfigFile(JSON.stringify(config)) });
    await expect(cluster.identity()).rejects.toMatchObject({ reason: 'forbidden', message: 'obtain credentials: as tester, as the kubeconfig says: the program no-such-login is not there' });
  });

  it('whose server is asked without TLS is refused, and says what would be right', async () => {
    const config = JSON.parse(kubeconfigFor('http://127.0.0.1:8001')) as { clusters: unknown };
    config.clusters = [{ name: 'double', cluster: { server: 'http://127.0.0.1:8001' } }];
    const error = await refused(connectCluster({ kubeconfig: await kubeconfigFile(JSON.stringify(config)) }));
    expect(error).toMatchObject({ reason: 'invalid', message: expect.stringContaining('http://127.0.0.1:8001 is asked without TLS') as string });
    expect(error.message).toContain('insecure-skip-tls-verify: true');
  });

  it.each([['at its end is trimmed', `${token}\n`], ['of Windows at its end is trimmed', `${token}\r\n`], ['there is none', token]])('whose token has a line break: %s', async (_, written) => {
    const { cluster, received } = await withToken(written);
    await cluster.identity();
    expect(received[0]?.headers['authorization']).toBe(`Bearer ${token}`);
  });

  it('whose token is more than one line says so, and not what it is', async () => {
    const { cluster, received } = await withToken(`${token}\nand more\n`);
    const error = await refused(cluster.identity());
    expect(error).toMatchObject({ reason: 'forbidden', message: 'obtain credentials: the token of tester is none: there are characters in it that cannot be sent, such as a line break' });
    expect(inspect(error, { depth: null })).not.toContain(token);
    expect(received).toEqual([]);
  });
});

/** As `kubectl create token … > FILE` leaves it. */
async function withToken(written: string) {
  const { url, received } = await apiDouble(json({ gitVersion: 'v1.35.4' }));
  const config = JSON.parse(kubeconfigFor(url)) as { users: unknown };
  config.users = [{ name: 'tester', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: await kubeconfigFile(written) } } } }];
  return { cluster: await connectCluster({ kubeconfig: await kubeconfigFile(JSON.stringify(config)) }), received };
}
