// `rebuild`, `rehearse` and `rollback` as typed by an operator, on the simulated production: what is printed, and the exit code.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { screenAfter } from '../report/screen.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
});
afterEach(() => shell.close());

describe('a first rebuild', () => {
  it('tells each step, and ends with the release and what the names answer', async () => {
    const { exitCode, stdout, stderr } = await shell.type('rebuild -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toBe('');
    expect(stderr.replaceAll(/base-\w+-1-\w+/g, 'POD')).toMatchInlineSnapshot(`
      "--- 2026-01-01 (UTC)
      00:00:00  rebuild, run 20260101-000000-r0001
      00:00:00  [1/9] Check preconditions
      00:00:00    9 guards hold; no release is live yet
      00:00:00    done in 0.1 s
      00:00:00  [2/9] Remove what earlier runs left behind: skipped, nothing is left over
      00:00:00  [3/9] Install the new release
      00:00:00    prod-r0001 is installed
      00:00:00    done in 0.3 s
      00:00:00  [4/9] Wait until everything is ready
      00:00:00    waiting for the release; awaited: an answer of the cluster about pods, services and 7 more kinds
      00:00:01    everything is ready; asking the Services from outside
      00:00:01    everything is ready; waiting for an answer from outside; awaited: Service ingress: 198.18.0.1 port 80 does not answer yet (connect ECONNREFUSED); Service search: 198.18.0.2 port 80 does not answer yet (connect ECONNREFUSED)
      00:00:02    everything is ready, and every public Service answers
      00:00:02    done in 1.6 s
      00:00:02  [5/9] Load the data
      00:00:02    base: pod POD is pending: ContainerCreating
      00:00:02    base: running
      00:00:03    base succeeded after 1 s
      00:00:03    done in 1.1 s
      00:00:03  [6/9] Verify the new release
      00:00:03    the HTTP check has passed
      00:00:03    done in 0 s
      00:00:03  [7/9] Move the public names
      00:00:03    environment prod takes www.example.org., search.second.org.: nobody has an owner record there yet
      00:00:03    waiting for the authoritative servers; awaited: ns2.example.org. to answer A 198.18.0.1 (TTL 60 s) for www.example.org.; ns2.second.org. to answer A 198.18.0.2 (TTL 60 s) for search.second.org.
      00:00:04    2 names answer with prod-r0001 on every authoritative server
      00:00:04    done in 1.1 s
      00:00:04  [8/9] Wait until the public has moved
      00:00:04    the public is moving over; awaited: 10 s of soak
      00:00:14    done in 10 s
      00:00:14  [9/9] Retire the previous release: skipped, there was no release before
      00:00:14  done, after 14 s

      DONE  rebuild of prod in 14 s (run 20260101-000000-r0001)

        live   prod-r0001
        names  www.example.org.    198.18.0.1  prod-r0001
               search.second.org.  198.18.0.2  prod-r0001

        Check preconditions                   0.1 s
        Remove what earlier runs left behind  skipped: nothing is left over
        Install the new release               0.3 s
        Wait until everything is ready        1.6 s
        Load the data                         1.1 s
        Verify the new release                0 s
        Move the public names                 1.1 s
        Wait until the public has moved       10 s
        Retire the previous release           skipped: there was no release before
      "
    `);
  });
});

describe('a second rebuild', () => {
  beforeEach(async () => {
    await shell.type('rebuild -f prod.yaml');
  });

  it('names the previous release, the way back to it, and how to remove it', async () => {
    const { stderr } = await shell.type('rebuild -f prod.yaml');
    expect(lastWords(stderr)).toMatchInlineSnapshot(`
      "
      DONE  rebuild of prod in 1 min 15 s (run 20260101-000014-r0002)

        live       prod-r0002
        names      www.example.org.    198.18.0.3  prod-r0002
                   search.second.org.  198.18.0.4  prod-r0002
        previous   prod-r0001 is still there
        roll back  changeover rollback -f prod.yaml
        remove     helm uninstall prod-r0001 -n prod-r0001 && kubectl delete namespace prod-r0001

        Check preconditions                   0.1 s
        Remove what earlier runs left behind  skipped: nothing is left over
        Install the new release               0.3 s
        Wait until everything is ready        1.6 s
        Load the data                         1.1 s
        Verify the new release                0 s
        Move the public names                 1.1 s
        Wait until the public has moved       1 min 10 s
        Retire the previous release           skipped: deleteExisting is false: prod-r0001 stays
      "
    `);
  });

  it('on a terminal draws one tree, and no line is wider than the terminal', async () => {
    const { stderr } = await shell.type('rebuild -f prod.yaml', { isTerminal: true });
    const [tree = ''] = stderr.split('\nDONE');
    expect(screenAfter(tree, 80).join('\n')).toMatchInlineSnapshot(`
      "rebuild  run 20260101-000014-r0002  done  1 min 15 s
      ✔ Check preconditions                               0.1 s
      – Remove what earlier runs left behind              skipped
          nothing is left over
      ✔ Install the new release                           0.3 s
      ✔ Wait until everything is ready                    1.6 s
      ✔ Load the data                                     1.1 s
      ✔ Verify the new release                            0 s
      ✔ Move the public names                             1.1 s
      ✔ Wait until the public has moved                   1 min 10 s
      – Retire the previous release                       skipped
          deleteExisting is false: prod-r0001 stays"
    `);
  });

  it('in a pod writes JSON only, one object a line, the last one the summary', async () => {
    const { stdout, stderr } = await shell.type('rebuild -f prod.yaml', { inCluster: true });
    const lines = stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(stdout).toBe('');
    expect(lines[0]).toMatchObject({ type: 'runStarted', operation: 'rebuild' });
    expect(lines.at(-1)).toMatchObject({ type: 'summary', level: 'info', msg: 'rebuild of prod is done', outcome: 'succeeded', releases: [{ role: 'previous' }, { role: 'live' }], warnings: [] });
  });

  it('in a pod with a terminal, or when asked, draws what was asked for', async () => {
    expect((await shell.type('rebuild -f prod.yaml', { inCluster: true, isTerminal: true })).stderr).toContain('\u001b[J');
    expect((await shell.type('rebuild -f prod.yaml --log lines', { inCluster: true })).stderr).toMatch(/^--- 2026/);
    expect((await shell.type('rebuild -f prod.yaml --log json', { isTerminal: true })).stderr).toMatch(/^\{/);
  });

  it('that fails ends with what failed, why, what the public has, and the next command', async () => {
    shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop', log: 'starting\nno such table: city' });
    const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml');
    expect(exitCode).toBe(1);
    expect(lastWords(stderr).replaceAll(/web-\w+-\w+/g, 'POD').replace(/\([\d.]+ s ago\)/, '(SOME s ago)')).toMatchInlineSnapshot(`
      "
      FAILED  The candidate did not become ready

        step        Wait until everything is ready
        what        Pod POD: container web crashes: 3 restarts, last with exit code 1
        object      Pod prod-r0002/POD
        reason      CrashLoopBackOff
        since       2026-01-01 00:00:26 UTC (SOME s ago)
        also        Deployment web: 0 of 1 replicas are available
                    Service ingress: the one pod that it selects is not ready
                    Service search: the one pod that it selects is not ready
        log         | starting
                    | no such table: city
        production  untouched: all 2 names point to prod-r0001
        next        The candidate was removed (release.onFailure: keep leaves it for a look). Correct the cause above, then start the run again:
                    changeover rebuild -f prod.yaml
      "
    `);
  });

  it('whose load fails ends with the pod, since when, and the tail of its log', async () => {
    shell.world.cluster.behaviours.set('Job/loader', { outcome: 'fails', log: 'reading cities\nrow 17: bad value' });
    const { stderr } = await shell.type('rebuild -f prod.yaml');
    expect(lastWords(stderr).replaceAll(/base-\w+-1-\w+/g, 'POD').replace(/\([\d.]+ s ago\)/, '(SOME s ago)')).toMatchInlineSnapshot(`
      "
      FAILED  Loading the data failed

        step        Load the data
        what        base: base-a75e99da-1: container loader ended with exit code 1
        object      Pod prod-r0002/POD
        reason      container loader ended with exit code 1
        since       2026-01-01 00:00:17 UTC (SOME s ago)
        log         | reading cities
                    | row 17: bad value
        production  untouched: all 2 names point to prod-r0001
        next        Correct the job named above, then start the run again:
                    changeover rebuild -f prod.yaml
      "
    `);
  });

  it('whose candidate is kept says how to look at it', async () => {
    await shell.write('keep.yaml', { release: { chart: { path: '/chart' }, onFailure: 'keep' } });
    shell.world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop' });
    const { stderr } = await shell.type('rebuild -f keep.yaml');
    expect(stderr.trimEnd().split('\n').slice(-2)).toEqual(['  next        Look closer with:', expect.stringMatching(/^ {14}changeover diagnose prod-r\d+ -f keep\.yaml$/)]);
  });

  it('in a pod that fails ends with an error line that holds all of that', async () => {
    shell.world.cluster.behaviours.set('Job/loader', { outcome: 'fails', log: 'row 17: bad value' });
    const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml', { inCluster: true });
    const last = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as object;
    expect(exitCode).toBe(1);
    expect(last).toMatchObject({ level: 'error', type: 'summary', production: expect.stringMatching(/^untouched: all 2 names point to prod-r/), failure: { code: 'LoadFailed', next: expect.stringContaining('start the run again') } });
    expect(JSON.stringify(last)).toContain('row 17: bad value');
  });

  it('and then a rollback moves the public back', async () => {
    await shell.type('rebuild -f prod.yaml');
    const { exitCode, stderr } = await shell.type('rollback -f prod.yaml');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('DONE  rollback of prod');
    expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });
});

describe('refused', () => {
  it('a rollback without an earlier release: exit 5, and the command that shows which there are', async () => {
    await shell.type('rebuild -f prod.yaml');
    const { exitCode, stderr } = await shell.type('rollback -f prod.yaml --to prod-gone0');
    expect(exitCode).toBe(5);
    expect(lastWords(stderr)).toMatchInlineSnapshot(`
      "
      FAILED  A precondition does not hold

        what        there is nothing to go back to: release prod-gone0 is not there, never served the public, or is live already
        since       2026-01-01 00:00:14 UTC (0 s ago)
        production  untouched: no run was begun
        next        See which releases there are:
                    changeover status -f prod.yaml
      "
    `);
  });

  it('on the wrong cluster: exit 5 before anything is written', async () => {
    await shell.write('other.yaml', { cluster: 'other' });
    const { exitCode, stderr } = await shell.type('rebuild -f other.yaml');
    expect(exitCode).toBe(5);
    expect(stderr).toContain('the environment belongs to cluster other');
    expect(stderr).toContain('production  untouched: no run was begun');
    expect(shell.releases()).toEqual([]);
  });

  it('with a faulty configuration: exit 2, each fault at the margin, nothing asked of any cluster', async () => {
    await shell.write('bad.yaml', { deleteExisting: 'false', drian: {} });
    const asked = shell.world.requests.length;
    const { exitCode, stderr } = await shell.type('rebuild -f bad.yaml');
    expect(exitCode).toBe(2);
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^bad\.yaml:\d+:17: `deleteExisting` is the text “false”; it must be true or false, without quotes$/),
      expect.stringMatching(/^bad\.yaml:\d+:1: unknown key `drian`; did you mean `drain`\?$/),
    ]);
    expect(shell.world.requests).toHaveLength(asked);
  });
});

describe('asked to stop', () => {
  it('ends in order, says that nothing has moved and how to go on; the same command goes on', async () => {
    const stop = new AbortController();
    const onTalk = (text: string): void => {
      if (text.includes('Load the data')) stop.abort(new Error('SIGTERM'));
    };
    const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml', { stop, onTalk });
    expect(exitCode).toBe(143);
    expect(lastWords(stderr)).toMatchInlineSnapshot(`
      "
      STOPPED  The run was stopped

        what        it was asked to stop while it was to load the data
        production  untouched: no name was moved
        next        Resume it, or begin anew with --fresh:
                    changeover rebuild -f prod.yaml
      "
    `);
    const resumed = await shell.type('rebuild -f prod.yaml');
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stderr).toContain('goes on');
    expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });

  it('and begun anew with --fresh, the first candidate is gone', async () => {
    const stop = new AbortController();
    const onTalk = (text: string): void => {
      if (text.includes('Load the data')) stop.abort(new Error('SIGTERM'));
    };
    await shell.type('rebuild -f prod.yaml', { stop, onTalk });
    const { exitCode } = await shell.type('rebuild -f prod.yaml --fresh');
    expect(exitCode).toBe(0);
    expect(shell.releases()).toEqual(['prod-r0002']);
  });
});

it('a rehearsal leaves nothing behind', async () => {
  await shell.type('rebuild -f prod.yaml');
  const { exitCode, stderr } = await shell.type('rehearse -f prod.yaml');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('DONE  rehearse of prod');
  expect(shell.releases()).toEqual(['prod-r0001']);
});

/** From the heading of the summary on. */
function lastWords(text: string): string {
  return text.slice(text.search(/\n(DONE|FAILED|STOPPED|NEEDS)/));
}
