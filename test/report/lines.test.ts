// Runs as plain lines, whole transcripts: what a mail from cron or a CI log would show.

import { expect, it } from 'vitest';
import { linesTalk } from '../../src/report/lines.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { after, failedRun, goodRun, start } from './runs.ts';

function transcript(events: readonly RunEvent[], output: { readonly columns?: number; readonly color?: boolean } = {}): string {
  let text = '';
  const talk = linesTalk({ write: (more) => (text += more), rows: 24, columns: output.columns ?? Number.POSITIVE_INFINITY, color: output.color ?? false }, () => start);
  for (const event of events) talk.report(event);
  talk.end();
  return text;
}

it('a good run: a line per event, what is awaited now and then, the date when it changes', () => {
  expect(transcript(goodRun)).toMatchInlineSnapshot(`
    "--- 2026-11-21 (UTC)
    23:58:00  rebuild, run 20261121-235800-2hpwr
    23:58:00  [1/4] Check preconditions
    23:58:00    done in 0.8 s
    23:58:00  [2/4] Wait until everything is ready
    23:58:01    waiting for the release; awaited: Deployment portal: 0 of 2 replicas are available; Pod portal-1: pulling its image; Pod portal-2: pulling its image; Service ingress: no address yet; Job loader: running; and 1 more
    23:58:20    waiting for the release; awaited: Deployment portal: 0 of 2 replicas are available
    23:58:55    still, after 54 s: Deployment portal: 0 of 2 replicas are available
    23:59:40    warning: Deployment extra: 0 of 1 replicas are available (readiness.mayStayUnready)
    --- 2026-11-22 (UTC)
    00:00:05    done in 2 min 4 s
    00:00:05  [3/4] Move the public names
    00:00:06    done in 1.2 s
    00:00:06  [4/4] Retire the previous release: skipped, deleteExisting is false
    00:00:06  done, after 2 min 6 s
    "
  `);
});

it('a failed run: the reason where it happens, and what is undone', () => {
  expect(transcript(failedRun)).toMatchInlineSnapshot(`
    "--- 2026-11-21 (UTC)
    23:58:00  rebuild, run 20261121-235800-2hpwr
    23:58:00  [1/4] Check preconditions
    23:58:01    done in 1 s
    23:58:01  [2/4] Wait until everything is ready
    23:58:30    failed: Pod portal-6d5f: container portal crashes: exit code 1, 3 restarts
    23:58:30  Undoing: Check preconditions
    23:58:42    undone
    23:58:42  failed, after 42 s
    "
  `);
});

it('a long line wraps at the width of the terminal, below its own text', () => {
  const text = transcript(goodRun.slice(0, 5), { columns: 80 });
  expect(text).toMatchInlineSnapshot(`
    "--- 2026-11-21 (UTC)
    23:58:00  rebuild, run 20261121-235800-2hpwr
    23:58:00  [1/4] Check preconditions
    23:58:00    done in 0.8 s
    23:58:00  [2/4] Wait until everything is ready
    23:58:01    waiting for the release; awaited: Deployment portal: 0 of 2 replicas
                  are available; Pod portal-1: pulling its image; Pod portal-2:
                  pulling its image; Service ingress: no address yet; Job loader:
                  running; and 1 more
    "
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('two days of waiting for the same object are some three hundred lines, not a line a minute', () => {
  const progress = (seconds: number) => after(seconds, { type: 'stepProgress', step: 'loadData', message: 'loading', awaited: ['harvest'] });
  const days = Array.from({ length: 2 * 24 * 60 * 6 }, (_, index) => progress(index * 10));
  const lines = transcript([after(0, { type: 'stepStarted', step: 'loadData', title: 'Load the data' }), ...days]).trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(280);
  expect(lines.length).toBeLessThan(310);
  expect(lines.slice(0, 6)).toMatchInlineSnapshot(`
    [
      "--- 2026-11-21 (UTC)",
      "23:58:00  [0/0] Load the data",
      "23:58:00    loading; awaited: harvest",
      "23:58:30    still, after 30 s: harvest",
      "23:59:00    still, after 1 min: harvest",
      "--- 2026-11-22 (UTC)",
    ]
  `);
});

it('counting up is not news every second, but it is every ten', () => {
  const rows = Array.from({ length: 31 }, (_, second) => after(second, { type: 'stepProgress', step: 's', message: `${second * 100} rows` }));
  expect(transcript([after(0, { type: 'stepStarted', step: 's', title: 'S' }), ...rows]).match(/\d+ rows/g)).toEqual(['0 rows', '1000 rows', '2000 rows', '3000 rows']);
});

it('without colour there is no escape sequence, with colour each line ends without one', () => {
  expect(transcript(goodRun)).not.toContain('\u001b');
  const coloured = transcript(goodRun, { color: true });
  expect(coloured).toContain('\u001b[32mdone\u001b[39m');
  expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(transcript(goodRun));
});
