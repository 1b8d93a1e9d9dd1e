// Runs that a schedule starts: the doubled hour of an autumn night, pods that are replaced, and what is never told "too soon".

import { afterEach, describe, expect, it } from 'vitest';
import { nextRuns } from '../../src/config/schedule.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
afterEach(() => shell.close());

const hour = 3_600_000;
const night = { schedule: '30 1 * * *', timeZone: 'America/New_York' };

/** Waits for the moment at which the CronJob controller would start the next one, and starts it. */
async function atNext(line: string, times: readonly number[], index: number) {
  await shell.world.clock.sleep(Math.max(0, (times[index] ?? 0) - shell.world.clock.now()));
  return shell.type(line, { inCluster: false });
}

describe('the night on which clocks go back in New York', () => {
  it('begins one rebuild: the second of the doubled hour is refused, told by which run, and when the next may begin', async () => {
    const evening = Date.parse('2026-10-31T20:00:00Z');
    const times = nextRuns(night, evening, 3);
    expect(times.map((time) => new Date(time).toISOString().slice(0, 16))).toEqual(['2026-11-01T05:30', '2026-11-01T06:30', '2026-11-02T06:30']);
    shell = await terminal({ startAt: evening });
    await shell.write('prod.yaml', night);
    expect((await atNext('rebuild --scheduled -f prod.yaml', times, 0)).exitCode).toBe(0);
    const refused = await atNext('rebuild --scheduled -f prod.yaml', times, 1);
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toMatch(/rebuild 20261101-\d+-r0001 went well and began at 2026-11-01T05:3\d:\S+; the next scheduled one may begin at 2026-11-01T07:3\d/);
    expect(refused.stderr).toContain('production  untouched: no run was begun');
    expect(shell.releases()).toEqual(['prod-r0001']);
    expect((await atNext('rebuild --scheduled -f prod.yaml', times, 2)).exitCode).toBe(0);
    expect(shell.releases()).toHaveLength(2);
  });
});

describe('a scheduled run', () => {
  it('is not refused after one that failed, nor is one by hand after one that went well', async () => {
    shell = await terminal();
    await shell.write('prod.yaml', { minInterval: '2h' });
    shell.world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
    expect((await shell.type('rebuild --scheduled -f prod.yaml')).exitCode).toBe(1);
    shell.world.cluster.behaviours.clear();
    expect((await shell.type('rebuild --scheduled -f prod.yaml')).exitCode).toBe(0);
    expect((await shell.type('rebuild -f prod.yaml')).exitCode).toBe(0);
    expect((await shell.type('rebuild --scheduled -f prod.yaml')).exitCode).toBe(5);
  });

  it('without a schedule and without minInterval is never too soon', async () => {
    shell = await terminal();
    for (let run = 0; run < 2; run += 1) expect((await shell.type('rebuild --scheduled -f prod.yaml')).exitCode).toBe(0);
  });

  it('of another operation goes by its own schedule', async () => {
    shell = await terminal();
    await shell.write('prod.yaml', { minInterval: '20h', schedules: [{ operation: 'rehearse', schedule: '0 * * * *' }, { operation: 'prune', schedule: '0 5 * * *', minInterval: '3h' }] });
    for (const operation of ['rebuild', 'rehearse', 'prune --yes']) {
      expect((await shell.type(`${operation} --scheduled -f prod.yaml`)).exitCode).toBe(0);
      expect((await shell.type(`${operation} --scheduled -f prod.yaml`)).exitCode).toBe(5);
    }
    await shell.world.clock.sleep(hour / 2);
    expect((await shell.type('rehearse --scheduled -f prod.yaml')).exitCode).toBe(0);
    expect((await shell.type('prune --yes --scheduled -f prod.yaml')).exitCode).toBe(5);
  });
});

describe('a pod that replaces a lost one', () => {
  const pod = (last: string) => ({ inCluster: true, holder: `changeover-prod-29384712-${last}/1` });

  it.each([
    ['resumes its run', /"stepStarted".*"loadData"|"loadData".*"stepStarted"/, 'prod-r0002'],
    ['begins anew what had not begun', /"runStarted"/, 'prod-r0003'],
  ])('%s, and is not told that it comes too soon after the run before', async (_title, lastLine, live) => {
    shell = await terminal();
    await shell.write('prod.yaml', { minInterval: '2h' });
    expect((await shell.type('rebuild --scheduled -f prod.yaml')).exitCode).toBe(0);
    const stop = new AbortController();
    const onTalk = (text: string): void => {
      if (lastLine.test(text)) stop.abort(new Error('SIGTERM'));
    };
    await shell.type('rebuild -f prod.yaml', { ...pod('x7k2p'), stop, onTalk });
    const resumed = await shell.type('rebuild --scheduled -f prod.yaml', pod('9bwlq'));
    expect(resumed.exitCode).toBe(0);
    expect(shell.publicReleases()).toEqual([live, live]);
  });

  it('after the run went well ends well at once, and builds nothing', async () => {
    shell = await terminal();
    await shell.write('prod.yaml', { minInterval: '2h' });
    await shell.type('rebuild --scheduled -f prod.yaml', pod('x7k2p'));
    const after = await shell.type('rebuild --scheduled -f prod.yaml', pod('9bwlq'));
    expect([after.exitCode, after.stderr.includes('a pod of this same Job did it')]).toEqual([0, true]);
    expect(shell.releases()).toEqual(['prod-r0001']);
    expect(await shell.records()).toHaveLength(1);
  });
});
