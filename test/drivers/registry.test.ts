// The table of implementations: what is loaded when, and that one configuration makes a whole set of drivers.

import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { connectDrivers } from '../../src/drivers/registry.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { loadTestEnvironment } from '../../sim/environment.ts';
import { kubeconfigFile, kubeconfigFor } from './cluster-server.ts';

const rfc2136 = { dnsProvider: { rfc2136: { server: '192.0.2.53' } } };

async function drivers(more: Readonly<Record<string, unknown>>): Promise<Drivers> {
  const kubeconfig = await kubeconfigFile(kubeconfigFor('http://127.0.0.1:1'));
  return connectDrivers(loadTestEnvironment(more), { kubeconfig });
}

/** Packages that a fresh process has loaded after this code. */
async function packagesLoadedBy(code: string): Promise<readonly string[]> {
  const registry = join(import.meta.dirname, '../../src/drivers/registry.ts');
  const program = `
    import { registerHooks } from 'node:module';
    const packages = new Set();
    registerHooks({ load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name) packages.add(name);
      return next(url, context);
    } });
    const { connectDrivers } = await import(${JSON.stringify(registry)});
    ${code}
    console.log(JSON.stringify([...packages]));`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout) as readonly string[];
}

describe('drivers of an environment', () => {
  it('keep the records and the lock in the configured namespace, under the environment’s name', async () => {
    const made = await drivers({ ...rfc2136, runner: { namespace: 'tools' } });
    expect(made.lease.describe).toBe('Lease tools/changeover-prod');
  });

  it('have one notifier for each webhook, for the events that it wants, and one that tells Kubernetes all of them', async () => {
    const webhooks = [{ url: { file: '/one' }, events: ['failed'] }, { url: { file: '/two' } }];
    const made = await drivers({ ...rfc2136, notify: { webhooks } });
    expect(made.notifiers.map(({ on }) => on)).toEqual([['failed'], ['succeeded', 'failed', 'restored', 'needsHuman'], ['started', 'succeeded', 'failed', 'restored', 'needsHuman']]);
  });

  it('are refused for a context that is not there, before anything is sent', async () => {
    const kubeconfig = await kubeconfigFile(kubeconfigFor('http://127.0.0.1:1'));
    await expect(connectDrivers(loadTestEnvironment(rfc2136), { kubeconfig, context: 'absent' })).rejects.toMatchObject({ reason: 'notFound' });
  });
});

// Each starts a process of its own, which may take its time on a busy machine.
describe('what is costly to load', { timeout: 60_000 }, () => {
  it('is not loaded with the table', async () => {
    const packages = await packagesLoadedBy('');
    expect(packages).not.toContain('@kubernetes/client-node');
    expect(packages).not.toContain('@google-cloud/dns');
  });

  it('is loaded for the cluster when connecting, but not for a cloud that is not configured', async () => {
    const kubeconfig = await kubeconfigFile(kubeconfigFor('http://127.0.0.1:1'));
    const environment = JSON.stringify(loadTestEnvironment(rfc2136));
    const packages = await packagesLoadedBy(`await connectDrivers(${environment}, { kubeconfig: ${JSON.stringify(kubeconfig)} });`);
    expect(packages).toContain('@kubernetes/client-node');
    expect(packages).not.toContain('@google-cloud/dns');
  });
});
