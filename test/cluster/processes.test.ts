// What `down` may end: only what `up` marked and what lives in other namespaces than its caller.
import { describe, expect, test } from 'vitest';
import { componentMark, componentOf, hasRole, isElsewhere, isMarked, markOf, nodeMark, nodeOf, readProcess } from '../../cluster/processes.ts';
import type { HostProcess } from '../../cluster/processes.ts';

const own: HostProcess = { pid: 100, environment: ['PATH=/bin'], net: 'net:[1]', mnt: 'mnt:[2]' };

function holder(changes: Partial<HostProcess> = {}): HostProcess {
  return {
    pid: 200,
    environment: Object.entries(markOf('0a1b2c3d', 'holder')).map((pair) => pair.join('=')),
    net: 'net:[11]',
    mnt: 'mnt:[12]',
    ...changes,
  };
}

describe('the mark', () => {
  test('belongs to one cluster', () => {
    expect(isMarked(holder(), '0a1b2c3d')).toBe(true);
    expect(isMarked(holder(), '0a1b2c3e')).toBe(false);
    expect(isMarked(holder(), '0a1b2c3')).toBe(false);
  });

  test('is not carried by a process that took over the process id of one that was', () => {
    expect(isMarked(holder({ environment: ['PATH=/bin', 'HOME=/root'] }), '0a1b2c3d')).toBe(false);
  });

  test('tells the holder from init and from a component', () => {
    expect(hasRole(holder(), 'holder')).toBe(true);
    expect(hasRole(holder(), 'init')).toBe(false);
    const environment = Object.entries(componentMark('0a1b2c3d', 'etcd')).map((pair) => pair.join('='));
    expect(componentOf(holder({ environment }))).toBe('etcd');
    expect(hasRole(holder({ environment }), 'holder')).toBe(false);
    expect(componentOf(holder())).toBeUndefined();
  });

  test('names the node that process 1 of a joined node belongs to, and is neither the holder nor init', () => {
    const environment = Object.entries(nodeMark('0a1b2c3d', 'blue')).map((pair) => pair.join('='));
    expect(nodeOf(holder({ environment }))).toBe('blue');
    expect(isMarked(holder({ environment }), '0a1b2c3d')).toBe(true);
    expect(['holder', 'init'].some((role) => hasRole(holder({ environment }), role as 'init'))).toBe(false);
    expect(nodeOf(holder())).toBeUndefined();
  });
});

describe('a process is elsewhere', () => {
  test('when both of its namespaces are others than ours', () => {
    expect(isElsewhere(holder(), own)).toBe(true);
  });

  test.each([
    ['shares our network', { net: 'net:[1]' }],
    ['shares our mounts', { mnt: 'mnt:[2]' }],
    ['does not let its network be read', { net: undefined }],
    ['does not let its mounts be read', { mnt: undefined }],
  ] as const)('but not when it %s', (_, changes) => {
    expect(isElsewhere({ ...holder(), ...changes }, own)).toBe(false);
  });

  test('but not when our own namespaces are the only ones there are', async () => {
    const self = await readProcess(process.pid);
    expect(isElsewhere(self, self)).toBe(false);
  });

  test('but not when it ended meanwhile', async () => {
    // Above the kernel's highest process id.
    const gone = await readProcess(4_194_305);
    expect(gone).toEqual({ pid: 4_194_305, environment: [''], net: undefined, mnt: undefined });
    expect(isElsewhere(gone, own)).toBe(false);
  });
});
