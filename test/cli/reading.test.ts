// `plan`, `status`, `history` and `validate`: data on standard output, and not one write.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
});
afterEach(() => shell.close());

const writing = /^(cluster\.(create|replace|patch|delete)|helm\.(install|uninstall|test)|dns\.change|load)/;

describe('plan', () => {
  it('prints what a first rebuild would write, and writes nothing', async () => {
    const { exitCode, stdout, stderr } = await shell.type('plan -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.replace(/sha256:[0-9a-f]{64}/, 'sha256:…')).toMatchInlineSnapshot(`
      "plan: rebuild of prod on cluster simulated
      live now: no release
      estimate: none, no earlier run went well

      create release prod-r0001 from /chart: 5 objects
          chart content: sha256:…
        + Namespace prod-r0001
        + Deployment web
        + Service ingress
        + Service search
        + Job loader

      move 2 names in one atomic change for each of 2 zones
        ~ www.example.org. (zone example-org)
            before nothing
            after  the address that Service ingress of prod-r0001 gets (TTL 60 s)
            owner  _changeover.www.example.org. TXT; so far nobody
        ~ search.second.org. (zone second-org)
            before nothing
            after  the address that Service search-ingress of prod-r0001 gets (TTL 60 s)
            owner  _changeover.search.second.org. TXT; so far nobody

      keep: no other release

      guards
        ✔ the right cluster
        ✔ the records are where the installed runner keeps its own
        ✔ permissions are there
        ✔ zones can be read and written
        ✔ all names point to one release
        ✔ names point to this environment only
        ✔ no other environment has the names
        ✔ the chart has the Services that the names need
        ✔ the chart owns no object that another release owns

      A run would begin.
      Nothing has been written.
      "
    `);
    expect(shell.world.requests.filter(({ driver, text }) => writing.test(text) || writing.test(`${driver}.${text}`))).toEqual([]);
  });

  it('ends with 5 when a guard does not hold, and says which', async () => {
    shell.world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.77'] }]);
    await shell.world.clock.sleep(10_000);
    const { exitCode, stdout } = await shell.type('plan -f prod.yaml');
    expect(exitCode).toBe(5);
    expect(stdout).toContain('✖ names point to this environment only');
    expect(stdout).toContain('A run would be refused: one guard does not hold.');
  });

  it('of a rehearsal and of a rollback can be asked for, also as data', async () => {
    await shell.type('rebuild -f prod.yaml');
    await shell.type('rebuild -f prod.yaml');
    const { stdout } = await shell.type('plan rollback -f prod.yaml -o json');
    expect(JSON.parse(stdout)).toMatchObject({ operation: 'rollback', candidate: 'prod-r0001', previous: 'prod-r0002', written: 'nothing' });
    expect((await shell.type('plan rehearse -f prod.yaml')).stdout).toContain('names: none is touched');
  });
});

describe('status and history', () => {
  beforeEach(async () => {
    await shell.type('rebuild -f prod.yaml');
    await shell.type('rebuild -f prod.yaml');
  });

  it('show the same in text, JSON and YAML', async () => {
    const text = await shell.type('status -f prod.yaml');
    expect(text.stdout).toMatchInlineSnapshot(`
      "environment prod on cluster simulated

      run
        rebuild 20260101-000014-r0002: done
        nobody holds the lock

      releases
        prod-r0001  previous  went live 2026-01-01 00:00:04 UTC   ingress 198.18.0.1, search 198.18.0.2
        prod-r0002  live      live since 2026-01-01 00:00:19 UTC  ingress 198.18.0.3, search 198.18.0.4

      names
        www.example.org.    198.18.0.3  prod-r0002
        search.second.org.  198.18.0.4  prod-r0002
      "
    `);
    const json = JSON.parse((await shell.type('status -f prod.yaml -o json')).stdout) as object;
    expect(json).toMatchObject({ names: [{ to: { release: 'prod-r0002' } }, { to: { release: 'prod-r0002' } }] });
    expect(parse((await shell.type('status -f prod.yaml -o yaml')).stdout)).toEqual(json);
  });

  it('list the runs, and show one by its id or the end of it', async () => {
    const list = await shell.type('history -f prod.yaml');
    expect(list.stdout.trimEnd().split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      expect.stringMatching(/^2026\S+-r0002  rebuild  2026-01-01 00:00:\d\d UTC  1 min 1\d s  done$/),
      expect.stringMatching(/^2026\S+-r0001  rebuild  2026-01-01 00:00:\d\d UTC  1\d s  done$/),
    ]);
    const one = await shell.type('history r0001 -f prod.yaml');
    expect(one.stdout).toMatch(/^rebuild of prod, run \S+-r0001: done\n/);
    expect(one.stdout).toContain('retirePrevious      skipped');
    expect(JSON.parse((await shell.type('history -f prod.yaml -o json')).stdout)).toHaveLength(2);
  });

  it('of a run that does not exist: exit 2, and where to look', async () => {
    const { exitCode, stdout, stderr } = await shell.type('history nope -f prod.yaml');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('there is no run nope');
    expect(stderr).toContain('changeover history -f prod.yaml');
  });

  it('watched show every change once, until interrupted', async () => {
    const stop = new AbortController();
    const watching = shell.type('status -w -f prod.yaml', { stop });
    await shell.world.clock.sleep(30_000);
    shell.world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.77'] }]);
    await shell.world.clock.sleep(30_000);
    stop.abort(new Error('SIGINT'));
    const { exitCode, stdout, stderr } = await watching;
    expect([exitCode, stderr]).toEqual([0, '']);
    const owners = [...stdout.matchAll(/www\.example\.org\. +(\S+) +(.*)/g)].map(([, address, owner]) => `${address} ${owner}`);
    expect([...new Set(owners)]).toEqual(['198.18.0.3 prod-r0002', '192.0.2.77 no release of this environment']);
    // Shown again only where something else changed with it: the servers agree a moment later.
    expect(owners.length).toBeLessThanOrEqual(3);
  });

  it('on the wrong cluster are refused, because they would tell of somebody else', async () => {
    await shell.write('other.yaml', { cluster: 'other' });
    for (const command of ['status', 'history', 'plan']) expect((await shell.type(`${command} -f other.yaml`)).exitCode).toBe(5);
  });
});

describe('diagnose', () => {
  it('tells what is wrong with a release that was kept, also as data', async () => {
    await shell.write('keep.yaml', { release: { chart: { path: '/chart' }, onFailure: 'keep' } });
    shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop', log: 'no such table: city' });
    await shell.type('rebuild -f keep.yaml');
    const { exitCode, stdout } = await shell.type('diagnose prod-r0001 -f keep.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Release prod-r0001\n/);
    expect(stdout).toContain('CrashLoopBackOff');
    expect(stdout).toContain('| no such table: city');
    const data = JSON.parse((await shell.type('diagnose prod-r0001 -f keep.yaml -o json')).stdout) as object;
    expect(data).toMatchObject({ release: 'prod-r0001', pods: { total: 1, troubled: [{ state: 'CrashLoopBackOff' }] } });
  });

  it('of a release that is not there: exit 2, and the nearest name', async () => {
    await shell.type('rebuild -f prod.yaml');
    const { exitCode, stdout, stderr } = await shell.type('diagnose prod-r001 -f prod.yaml');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('there is no release prod-r001 of this environment; did you mean prod-r0001?');
  });
});

describe('validate', () => {
  it('warns of a soak in which nothing is checked, as the run does', async () => {
    await shell.write('blind.yaml', { verify: { helmTest: true }, drain: { soak: '10m' } });
    expect((await shell.type('validate -f blind.yaml')).stdout).toMatch(/^ {2}soak +nothing is checked in the 10 min of drain\.soak, since verify\.http has no checks: only they are repeated$/m);
    expect((await shell.type('rebuild -f blind.yaml')).stderr).toContain('nothing is checked in the soak: verify.http has no checks');
    await shell.write('waiting.yaml', { verify: {}, drain: { soak: '0s' } });
    expect((await shell.type('validate -f waiting.yaml')).stdout).not.toContain('soak');
    expect((await shell.type('rebuild -f waiting.yaml')).stderr).not.toContain('soak');
    expect((await shell.type('validate -f prod.yaml')).stdout).not.toContain('soak');
  });

  it('says what the files mean, and asks nobody', async () => {
    await shell.write('more.yaml', { schedule: '0 3 * * 6', deleteExisting: true });
    const { exitCode, stdout } = await shell.type('validate -f prod.yaml -f more.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "environment prod is valid: 2 names, 1 load job

        cluster   simulated
        chart     path /chart
        names     www.example.org. → Service ingress
                  search.second.org. → Service search-ingress
        load      base
        strict    a failed job stops the run
        previous  is removed once the public has moved
        schedule  At 03:00, only on Saturday, Etc/UTC (0 3 * * 6)
        next      2026-01-03 03:00 UTC
                  2026-01-10 03:00 UTC
                  2026-01-17 03:00 UTC
      "
    `);
    expect(shell.world.requests).toEqual([]);
  });

  it('tells each schedule in its own zone, and what changes of clocks do to it', async () => {
    const prune = { operation: 'prune', schedule: '@daily', timeZone: 'Asia/Kolkata' };
    await shell.write('more.yaml', { schedule: '30 2 * * 0', timeZone: 'Europe/Berlin', schedules: [prune], suspend: true });
    const { stdout } = await shell.type('validate -f prod.yaml -f more.yaml');
    expect(stdout.slice(stdout.indexOf('  schedule'))).toMatchInlineSnapshot(`
      "  schedule   At 02:30, only on Sunday, Europe/Berlin (30 2 * * 0)
        next       2026-01-04 02:30 Europe/Berlin (01:30 UTC)
                   2026-01-11 02:30 Europe/Berlin (01:30 UTC)
                   2026-01-18 02:30 Europe/Berlin (01:30 UTC)
        but        on 2026-03-29 clocks go forward: nothing starts at 02:30
                   on 2026-10-25 clocks go back: 02:30 comes twice, and minInterval decides about the second start
        prune      At 00:00, every day, Asia/Kolkata (@daily)
        next       2026-01-02 00:00 Asia/Kolkata (2026-01-01 18:30 UTC)
                   2026-01-03 00:00 Asia/Kolkata (2026-01-02 18:30 UTC)
                   2026-01-04 00:00 Asia/Kolkata (2026-01-03 18:30 UTC)
        suspended  nothing starts by schedule
      "
    `);
  });

  it('prints the configuration with all defaults as data', async () => {
    const { stdout } = await shell.type('validate -f prod.yaml -o json');
    expect(JSON.parse(stdout)).toMatchObject({ environment: 'prod', readiness: { timeout: 1_200_000 }, release: { chart: { path: '/chart' } } });
  });

  it('of files that are missing or wrong: exit 2, with what is wrong', async () => {
    const { exitCode, stderr } = await shell.type('validate -f none.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "none.yaml:1:1: there is no such file; check the path

      FAILED  The configuration is not valid

        what  1 error in none.yaml
        next  Correct the lines above, then run:
              changeover validate -f none.yaml
      "
    `);
  });
});
