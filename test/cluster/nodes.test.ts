// Which nodes a cluster has, and which name and number the next one gets, from what is on the disk.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joinedNode, layoutOf, maxJoined, type Layout } from '../../cluster/layout.ts';
import { findNodes, nextJoining } from '../../cluster/nodes.ts';

let layout: Layout;
beforeEach(async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'changeover-nodes-'));
  layout = layoutOf({ stateDir, index: 3, kubernetes: '/builds/abc/kubernetes' });
});
afterEach(() => rm(layout.stateDir, { recursive: true }));

async function joins(name: string, number: number): Promise<void> {
  const joining = { name, number, labels: { pool: name }, taints: [] };
  const { dir } = joinedNode(layout, joining);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'node.json'), JSON.stringify(joining));
}

function next(name: string) {
  return nextJoining(layout, { name, labels: {}, taints: [] });
}

describe('the nodes that joined', () => {
  test('are none at first', async () => {
    expect(await findNodes(layout)).toEqual([]);
  });

  test('are told in the order of their names, with what they joined with', async () => {
    await joins('green', 1);
    await joins('blue', 2);
    const found = (await findNodes(layout)).map(({ name, address, labels }) => [name, address, labels]);
    expect(found).toEqual([
      ['blue', '100.67.0.102', { pool: 'blue' }],
      ['green', '100.67.0.101', { pool: 'green' }],
    ]);
  });

  test('do not include a folder in which a removal has begun to delete', async () => {
    await joins('blue', 1);
    await mkdir(join(layout.runDir, 'nodes', 'gone', 'containerd'), { recursive: true });
    expect((await findNodes(layout)).map(({ name }) => name)).toEqual(['blue']);
  });
});

describe('the next node', () => {
  test('gets the lowest number that is free, also one that was given back', async () => {
    expect((await next('first')).number).toBe(1);
    await joins('blue', 1);
    await joins('green', 3);
    expect((await next('red')).number).toBe(2);
  });

  test('is refused when all numbers are taken', async () => {
    for (let number = 1; number <= maxJoined; number++) await joins(`n${number}`, number);
    await expect(next('one-more')).rejects.toThrow(`this cluster has ${maxJoined} further nodes already`);
  });

  test.each(['node-1', 'blue'])('cannot be called %s, which is there', async (name) => {
    await joins('blue', 1);
    await expect(next(name)).rejects.toThrow(`there is a node ${name} already; next: npm run cluster -- remove-node ${name}`);
  });

  test.each(['', '..', '../out', 'a/b', 'Blue', '-blue', 'blue-', 'b'.repeat(41), 'blue\n'])('cannot be called %j', async (name) => {
    await expect(next(name)).rejects.toThrow('is no name for a node');
  });
});
