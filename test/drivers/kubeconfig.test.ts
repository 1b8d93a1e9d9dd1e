// Kubeconfigs that kubectl and Helm read: whoever works with them works here, as the same account on the same cluster.

import { writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectCluster } from '../../src/drivers/cluster/client.ts';
import { apiDouble, json, kubeconfigFile, kubeconfigFor, token } from './cluster-server.ts';

interface Written {
  'current-context'?: string;
  clusters: { readonly name: string; readonly cluster: object }[];
  contexts: { readonly name: string; readonly context: object }[];
  users: { readonly name: string; readonly user: object | null }[];
}

function written(server: string, change: (config: Written) => unknown = () => undefined): Promise<string> {
  const config = JSON.parse(kubeconfigFor(server)) as Written;
  change(config);
  return kubeconfigFile(JSON.stringify(config));
}

const version = json({ gitVersion: 'v1.35.4' });

describe('a token in a file', () => {
  it('goes before one that is written out, and its path is seen from the kubeconfig', async () => {
    const { url, received } = await apiDouble(version);
    const tokenFile = await kubeconfigFile(`${token}\n`);
    const kubeconfig = await written(url, (config) => {
      config.users = [{ name: 'tester', user: { token: 'old', tokenFile } }];
    });
    const beside = await written(url, (config) => {
      config.users = [{ name: 'tester', user: { tokenFile: relative(dirname(kubeconfig), tokenFile) } }];
    });
    for (const file of [kubeconfig, beside]) await (await connectCluster({ kubeconfig: file })).identity();
    expect(received.map(({ headers }) => headers['authorization'])).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
  });

  it('that is not there is told by its name', async () => {
    const kubeconfig = await written('http://127.0.0.1:1', (config) => {
      config.users = [{ name: 'tester', user: { tokenFile: '/no/such/token' } }];
    });
    const cluster = await connectCluster({ kubeconfig });
    await expect(cluster.identity()).rejects.toMatchObject({ reason: 'forbidden', message: 'obtain credentials: as tester, as the kubeconfig says: /no/such/token is not there' });
  });
});

describe('several files in KUBECONFIG', () => {
  it('are one: what the first says is believed, also of its current context and of users of the same name', async () => {
    const { url, received } = await apiDouble(version);
    const first = await written(url);
    const second = await written('http://127.0.0.1:1', (config) => {
      config['current-context'] = 'there';
      config.users = [{ name: 'tester', user: { token: 'another' } }];
      config.contexts.push({ name: 'elsewhere', context: { cluster: 'double', user: 'tester' } });
    });
    const kubeconfigs = [first, second];
    const cluster = await connectCluster({ kubeconfigs });
    expect(await cluster.identity()).toMatchObject({ context: 'here' });
    expect(received[0]?.headers['authorization']).toBe(`Bearer ${token}`);
    expect(await connectCluster({ kubeconfigs, context: 'elsewhere' })).toMatchObject({ context: 'elsewhere' });
  });

  it('may have one that is not there, some that say nothing, and one whose user has nothing to show', async () => {
    const { url } = await apiDouble(version);
    const nobody = await written(url, (config) => {
      config.users = [{ name: 'nobody', user: null }];
    });
    expect(await connectCluster({ kubeconfigs: ['/no/such/kubeconfig', await kubeconfigFile(''), await kubeconfigFile('# nothing yet\n'), nobody] })).toMatchObject({ context: 'here' });
  });

  it('take the current context of the second where the first has none', async () => {
    const { url } = await apiDouble(version);
    const first = await written(url, (config) => delete config['current-context']);
    const second = await written(url, (config) => {
      config['current-context'] = 'there';
    });
    expect(await connectCluster({ kubeconfigs: [first, second] })).toMatchObject({ context: 'there' });
  });

  it('without a current context lead nowhere, until one is chosen', async () => {
    const none = (config: Written): unknown => delete config['current-context'];
    const kubeconfigs = [await written('http://127.0.0.1:1', none), await written('http://127.0.0.1:1', none)];
    await expect(connectCluster({ kubeconfigs })).rejects.toMatchObject({ reason: 'notFound', message: 'find a cluster: the kubeconfig has no current context, and none was chosen' });
    expect(await connectCluster({ kubeconfigs, context: 'there' })).toMatchObject({ context: 'there' });
  });

  it('are named by the first when none is there', async () => {
    await expect(connectCluster({ kubeconfigs: ['/no/such/kubeconfig', '/nor/this'] })).rejects.toMatchObject({ reason: 'notFound', message: 'read the kubeconfig /no/such/kubeconfig: there is no such file' });
  });
});

describe('what kubectl reads, and the client library does not', () => {
  it.each([
    ['a context without a cluster', (config: Written) => config.contexts.push({ name: 'other', context: { namespace: 'x' } })],
    ['a cluster without a server', (config: Written) => config.clusters.push({ name: 'half', cluster: {} })],
  ])('%s beside the one in use does not matter', async (_, change) => {
    const { url } = await apiDouble(version);
    const cluster = await connectCluster({ kubeconfig: await written(url, change) });
    expect(await cluster.identity()).toMatchObject({ context: 'here' });
  });

  it('a plug-in’s program by a path is seen from the kubeconfig', async () => {
    const { url, received } = await apiDouble(version);
    const kubeconfig = await written(url, (config) => {
      config.users = [{ name: 'tester', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './login', interactiveMode: 'Never' } } }];
    });
    const credential = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'of-the-plug-in' } });
    await writeFile(join(dirname(kubeconfig), 'login'), `#!/bin/sh\necho '${credential}'\n`, { mode: 0o700 });
    await (await connectCluster({ kubeconfig })).identity();
    expect(received[0]?.headers['authorization']).toBe('Bearer of-the-plug-in');
  });

  it('whoever acts as another one does so in his groups, under his id, and for his reasons', async () => {
    const { url, received } = await apiDouble(version);
    const kubeconfig = await written(url, (config) => {
      config.users = [{ name: 'tester', user: { token, as: 'deployer', 'as-groups': ['releases', 'night'], 'as-uid': '7', 'as-user-extra': { 'example.org/reason': ['rebuild'] } } }];
    });
    await (await connectCluster({ kubeconfig })).identity();
    expect(received[0]?.headers).toMatchObject({
      'impersonate-user': 'deployer',
      'impersonate-group': 'releases, night',
      'impersonate-uid': '7',
      'impersonate-extra-example.org%2freason': 'rebuild',
    });
  });
});
