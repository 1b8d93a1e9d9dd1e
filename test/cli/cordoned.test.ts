// An operator upgrades a node pool: cordons it, rebuilds, and wants to know whether the old nodes are empty.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { failing } from '../../sim/faults.ts';
import { object } from '../support/objects.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
});
afterEach(() => shell.close());

async function node(name: string, spec: object): Promise<void> {
  await shell.world.start().drivers.cluster.create(kinds.node, object('v1 Node', name, { spec }));
}

/** What stands behind its heading, of `status` or of the last words of a rebuild. */
function section(text: string, heading: RegExp): string | undefined {
  return heading.exec(text)?.[1];
}

const ofSummary = /^ {2}cordoned +(.+)$/m;
const ofStatus = /^cordoned nodes\n((?: {2}.+\n)+)/m;

it('a rebuild ends with the old nodes that carry nothing any more, and those that still do', async () => {
  await node('node-1', { unschedulable: true });
  await node('old-1', { unschedulable: true });
  await node('new-1', {});
  const { stderr } = await shell.type('rebuild -f prod.yaml');
  expect(section(stderr, ofSummary)).toMatch(/^old-1 carries nothing of prod any more; node-1 still carries prod-r0001\/web-\S+$/);
  const { stdout } = await shell.type('status -f prod.yaml');
  expect(section(stdout, ofStatus)).toMatch(/^ {2}node-1 +still carries prod-r0001\/web-\S+\n {2}old-1 +carries nothing of prod any more\n$/);
});

it('pods that a drain leaves alone, or that have ended, are no reason to wait', async () => {
  await shell.type('rebuild -f prod.yaml');
  await node('old-1', { unschedulable: true });
  const { store } = shell.world.cluster.inside;
  const [release = ''] = shell.releases();
  const spec = { nodeName: 'old-1', containers: [] };
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'logs', uid: 'u', controller: true };
  store.put(kinds.pod, object('v1 Pod', 'logs', { namespace: release, spec, status: { phase: 'Running' }, metadata: { ownerReferences: [owner] } }));
  store.put(kinds.pod, object('v1 Pod', 'ended', { namespace: release, spec, status: { phase: 'Succeeded' } }));
  const { stdout } = await shell.type('status -f prod.yaml');
  expect(section(stdout, ofStatus)).toBe('  old-1  carries nothing of prod any more\n');
});

it('nothing is said where no node is cordoned, or where the account may not know', async () => {
  await node('new-1', {});
  expect((await shell.type('status -f prod.yaml')).stdout).not.toContain('cordoned');
  await node('old-1', { unschedulable: true });
  shell.world.faults = failing(/^cluster\.list nodes/, new DriverError({ reason: 'forbidden', attempted: 'list nodes', detail: 'forbidden' }), 9);
  const { exitCode, stdout } = await shell.type('status -f prod.yaml -o json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).not.toHaveProperty('cordoned');
});
