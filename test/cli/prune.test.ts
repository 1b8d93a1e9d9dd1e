// `prune` as an operator types it: what is listed and why, what --yes removes, and what is never touched.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  await shell.write('keep.yaml', { release: { chart: { path: '/chart' }, onFailure: 'keep' } });
  for (let run = 0; run < 3; run += 1) await shell.type('rebuild -f prod.yaml');
  shell.world.sites.set('ingress', { status: 500 });
  await shell.type('rebuild -f keep.yaml');
  shell.world.sites.clear();
});
afterEach(() => shell.close());

describe('prune', () => {
  it('lists each release with its fate, its age and the reason, and writes nothing', async () => {
    const before = shell.world.requests.length;
    const { exitCode, stdout, stderr } = await shell.type('prune -f prod.yaml');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.replaceAll(/ +\d+ (min|s)( \d+ s)? old/g, '  AGE').replaceAll(/\.\d{3}Z/g, 'Z')).toMatchInlineSnapshot(`
      "prune: 1 release of prod on cluster simulated to remove

      delete
        - prod-r0004  AGE  built by run 20260101-000244-r0004, which failed; it never served the public

      keep
        prod-r0001  AGE  it served the public, from 2026-01-01T00:00:04Z (--older removes it)
        prod-r0002  AGE  a rollback returns to it
        prod-r0003  AGE  the public names point to it

      To remove it: changeover prune --yes -f prod.yaml
      Nothing has been written.
      "
    `);
    expect(shell.world.requests.slice(before).filter(({ writes }) => writes)).toEqual([]);
  });

  it('with --yes removes what failed runs left behind, and nothing else', async () => {
    const { exitCode, stderr } = await shell.type('prune --yes -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('DONE  prune of prod');
    expect(shell.releases()).toEqual(['prod-r0001', 'prod-r0002', 'prod-r0003']);
    expect(shell.publicReleases()).toEqual(['prod-r0003', 'prod-r0003']);
    expect((await shell.records()).at(-1)).toMatchObject({ operation: 'prune', outcome: 'succeeded', steps: [{ name: 'checkPreconditions', state: 'done' }, { name: 'removeLeftovers', state: 'done' }] });
  });

  it('with --older also removes releases that served once; the way back stays open', async () => {
    await shell.type('prune --yes --older -f prod.yaml');
    expect(shell.releases()).toEqual(['prod-r0002', 'prod-r0003']);
    expect((await shell.type('rollback -f prod.yaml')).exitCode).toBe(0);
    expect(shell.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  });

  it('a second time finds nothing, and says so', async () => {
    await shell.type('prune --yes -f prod.yaml');
    expect((await shell.type('prune -f prod.yaml')).stdout).toContain('There is nothing to remove.');
    const again = await shell.type('prune --yes -f prod.yaml');
    expect([again.exitCode, again.stderr.includes('skipped: nothing is left over')]).toEqual([0, true]);
  });

  it('does not touch a namespace of the same prefix without our label', async () => {
    await shell.world.cluster.create(kinds.namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'prod-other', annotations: { 'changeover.dev/state': 'candidate' } } });
    await shell.type('prune --yes --older -f prod.yaml');
    expect(shell.world.cluster.inside.store.get(kinds.namespace, undefined, 'prod-other')?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('as a plan touches no name', async () => {
    const { exitCode, stdout } = await shell.type('plan prune -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('names: none is touched');
    expect(stdout).toMatch(/delete\n {2}- prod-r0004 /);
    expect(stdout).toContain('keep: prod-r0003, prod-r0001, prod-r0002');
  });

  it('is refused while the names point to different releases, and says what would be removed all the same', async () => {
    const [old] = shell.world.dns.served('search.second.org.');
    await shell.type('rollback -f prod.yaml');
    shell.world.dns.edit('second-org', 'search.second.org.', old?.records ?? []);
    await shell.world.clock.sleep(10_000);
    const listed = await shell.type('prune --older -f prod.yaml');
    expect(listed.exitCode).toBe(5);
    expect(listed.stdout).toContain('✖ all names point to one release');
    expect(listed.stdout).toMatch(/keep\n(.*\n)*.*prod-r0003 .*a public name points to it/);
    expect((await shell.type('prune --yes --older -f prod.yaml')).exitCode).toBe(5);
    expect(shell.releases()).toHaveLength(4);
  });

  it('as data has the same releases and reasons', async () => {
    const { stdout } = await shell.type('prune -f prod.yaml -o json');
    expect(JSON.parse(stdout)).toMatchObject({
      operation: 'prune',
      deletions: [{ release: 'prod-r0004', reason: expect.stringMatching(/^built by run \S+-r0004, which failed/) }],
      kept: [{ release: 'prod-r0001' }, { release: 'prod-r0002' }, { release: 'prod-r0003' }],
      written: 'nothing',
    });
  });

  it('killed in the middle is completed by the same command', async () => {
    let died = false;
    const { drivers } = shell.world.start();
    const stop = new AbortController();
    const stopped = await shell.type('prune --yes -f prod.yaml', {
      stop,
      connect: (own) => ({ ...own, helm: { ...drivers.helm, uninstall: async () => Promise.reject(((died = true), stop.abort(new Error('SIGTERM')), new Error('gone'))) } }),
    });
    expect([died, stopped.stderr.includes('STOPPED')]).toEqual([true, true]);
    expect((await shell.type('prune --yes -f prod.yaml')).exitCode).toBe(0);
    expect(shell.releases()).toEqual(['prod-r0001', 'prod-r0002', 'prod-r0003']);
  });
});
