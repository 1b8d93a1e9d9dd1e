// Runs as a tree on a terminal: what is on the screen at each moment.

import { describe, expect, it } from 'vitest';
import { treeTalk } from '../../src/report/tree.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { after, failedRun, goodRun, start } from './runs.ts';
import { screenAfter } from './screen.ts';

function terminal(columns = 80, rows = 40) {
  let written = '';
  let now = start;
  const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
  const output = { write: (text: string) => (written += text), columns, rows, color: false };
  const talk = treeTalk(output, clock);
  return {
    talk,
    written: () => written,
    resize: (wide: number) => void (output.columns = wide),
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

  it('fits terminals of any height: all that is redrawn is on the screen, as what has scrolled away cannot be erased', () => {
    expect(terminal(80, 6).show(goodRun.slice(0, 5))).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  1 s
        1 of 4 steps done
      ▸ Wait until everything is ready                    0.1 s
          waiting for the release
            Deployment portal: 0 of 2 replicas are available"
    `);
    for (const rows of [3, 6, 9]) {
      for (let seen = 1; seen <= goodRun.length; seen += 1) expect(terminal(80, rows).show(goodRun.slice(0, seen)).split('\n').length).toBeLessThan(rows);
    }
  });

  it('begins each redraw at the margin, wherever a `^C` of the terminal has left the cursor', () => {
    const { written, show } = terminal();
    show(goodRun);
    const moves = [...written().matchAll(/.?\u001b\[\d+A/gs)].map(([move]) => move.charAt(0));
    expect(moves.length).toBeGreaterThan(5);
    expect(new Set(moves)).toEqual(new Set(['\r']));
  });

  it('never clears from the top of what it drew: some terminals would keep a copy of it at every tick', () => {
    const { written, show } = terminal();
    show(goodRun);
    expect(written()).toContain('\u001b[J');
    expect(written()).not.toMatch(/A\u001b\[J/);
  });

  it('goes over all rows that its lines take in a window that was made narrower meanwhile', () => {
    const { written, show, resize } = terminal(80);
    show(goodRun.slice(0, 3));
    resize(20);
    show(goodRun.slice(3, 4));
    // The heading takes 3 rows of 20 now, the first step 3, the other three 2, 2 and 2.
    expect(written()).toContain('\r\u001b[12A');
  });

  it('of a run that goes on shows what was done before, and where it stopped', () => {
    const steps = [{ name: 'a', title: 'First', state: 'done' }, { name: 'b', title: 'Second', state: 'running' }, { name: 'c', title: 'Third', state: 'pending' }] as const;
    expect(terminal().show([after(0, { type: 'runStarted', run: 'r', operation: 'rebuild', resumed: true, steps })])).toMatchInlineSnapshot(`
      "rebuild  run r  goes on  0 s
      ✔ First
      ■ Second
      · Third"
    `);
  });

  it('of a run that was stopped shows in which step, and that nothing goes on there', () => {
    const ended = after(5, { type: 'runEnded', outcome: 'interrupted', exitCode: 1, durationMs: 5_000, failure: undefined });
    expect(terminal().show([...goodRun.slice(0, 5), ended])).toMatchInlineSnapshot(`
      "rebuild  run 20261121-235800-2hpwr  stopped; it can be resumed  5 s
      ✔ Check preconditions                               0.8 s
      ■ Wait until everything is ready
      · Move the public names
      · Retire the previous release"
    `);
  });

  it('of a run that is not to be resumed shows that it is unwound, and then was', () => {
    const [begun, ...rest] = failedRun;
    const unwound = [{ ...begun, unwinding: true } as RunEvent, ...rest];
    expect(terminal().show(unwound.slice(0, 1)).split('\n')[0]).toBe('rebuild  run 20261121-235800-2hpwr  is unwound  0 s');
    expect(terminal().show(unwound).split('\n')[0]).toBe('rebuild  run 20261121-235800-2hpwr  unwound  42 s');
  });

  it('wraps lines of talk between words', () => {
    const { talk, show } = terminal(40);
    talk.say('run 20261121-235800-2hpwr (rebuild) was not finished: it is resumed');
    expect(show(goodRun.slice(0, 1)).split('\n').slice(0, 2)).toEqual(['run 20261121-235800-2hpwr (rebuild) was', '  not finished: it is resumed']);
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
    const talk = treeTalk({ write: (text) => (written += text), columns: 80, rows: 40, color: false }, clock);
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
