// Runs as a tree on a terminal: what is on the screen at each moment.

import { describe, expect, it } from 'vitest';
import { treeTalk } from '../../src/report/tree.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { after, failedRun, goodRun, start } from './runs.ts';
import { screenAfter } from './screen.ts';

function terminal(columns = 80) {
  let written = '';
  let now = start;
  const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
  const talk = treeTalk({ write: (text) => (written += text), columns, color: false }, clock);
  return {
    talk,
    show(events: readonly RunEvent[]) {
      for (const event of events) {
        now = event.at;
        talk.report(event);
      }
      return screenAfter(written, columns).join('\n');
    },
  };
}

describe('the tree', () => {
  it('shows the steps that are done, the one that runs with what it awaits, and those to come', () => {
    expect(terminal().show(goodRun.slice(0, 6))).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  4 s
      ✔ Check preconditions                               0.8 s
      ▸ Wait until everything is ready                    3.1 s
          waiting for the release
            Deployment portal: 0 of 2 replicas are available
            Pod portal-1: pulling its image
      · Move the public names
      · Retire the previous release"
    `);
  });

  it('of a long list of awaited objects names four and counts the rest', () => {
    expect(terminal().show(goodRun.slice(0, 5))).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  1 s
      ✔ Check preconditions                               0.8 s
      ▸ Wait until everything is ready                    0.1 s
          waiting for the release
            Deployment portal: 0 of 2 replicas are available
            Pod portal-1: pulling its image
            Pod portal-2: pulling its image
            Service ingress: no address yet
            and 2 more
      · Move the public names
      · Retire the previous release"
    `);
  });

  it('stands complete at the end of a good run', () => {
    expect(terminal().show(goodRun)).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  done  2 min 6 s
      ✔ Check preconditions                               0.8 s
      ✔ Wait until everything is ready                    2 min 4 s
          warning: Deployment extra: 0 of 1 replicas are available (readiness.mayStay…
      ✔ Move the public names                             1.2 s
      – Retire the previous release                       skipped
          deleteExisting is false"
    `);
  });

  it('shows what failed, and what was undone', () => {
    expect(terminal().show(failedRun)).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  failed  42 s
      ↶ Check preconditions                               12 s
      ✖ Wait until everything is ready                    29 s
          Pod portal-6d5f: container portal crashes: exit code 1, 3 restarts
      · Move the public names
      · Retire the previous release"
    `);
  });

  it('fits terminals of any width: no line wraps, so a redraw never leaves a scrap', () => {
    for (const columns of [20, 33, 60, 80, 200]) {
      expect(terminal(columns).show(goodRun).split('\n')).toHaveLength(7);
      expect(terminal(columns).show(failedRun).split('\n')).toHaveLength(6);
    }
  });

  it('keeps lines of talk above itself', () => {
    const { talk, show } = terminal();
    talk.say('host/1 seems to hold the lock');
    show(goodRun.slice(0, 3));
    talk.say('run x was not finished: it is resumed');
    expect(show(goodRun.slice(3, 4)).split('\n').slice(0, 4)).toEqual([
      'host/1 seems to hold the lock',
      'run x was not finished: it is resumed',
      'rebuild  run 20261121-235800-2hpwr  0.9 s',
      '✔ Check preconditions                               0.8 s',
    ]);
  });

  it('leaves a run that was unwound first on the screen, and draws the next one below it', () => {
    const screen = terminal().show([...failedRun, ...goodRun]).split('\n');
    expect(screen.filter((line) => line.startsWith('rebuild'))).toEqual([
      'rebuild  run 20261121-235800-2hpwr  failed  42 s',
      'rebuild  run 20261121-235800-2hpwr  done  2 min 6 s',
    ]);
  });

  it('counts the seconds while nothing happens, and stops when it has ended', async () => {
    const clock = new VirtualClock();
    let written = '';
    const talk = treeTalk({ write: (text) => (written += text), columns: 80, color: false }, clock);
    const begun = after(0, { type: 'runStarted', run: 'r', operation: 'rebuild', resumed: true, steps: [{ name: 's', title: 'S' }] });
    talk.report({ ...begun, at: clock.now() });
    talk.report({ type: 'stepStarted', step: 's', title: 'S', at: clock.now() });
    await clock.sleep(3_500);
    expect(screenAfter(written, 80)).toEqual(['rebuild  run r  goes on  3 s', '▸ S                                                 3 s']);
    talk.end();
    const { length } = written;
    await clock.sleep(10_000);
    expect(written).toHaveLength(length);
  });
});
