// A run shown from its log lines: what it drew, in order, at its own times, and its last words kept.

import { expect, it } from 'vitest';
import { jsonTalk } from '../../src/report/json.ts';
import { linesTalk } from '../../src/report/lines.ts';
import { replay } from '../../src/report/replay.ts';
import { failedRun, start } from './runs.ts';

const wide = { columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY, color: false };

function shown(lines: readonly string[]) {
  let text = '';
  const replayed = replay({ now: () => start + 3_600_000, talk: (now) => linesTalk({ ...wide, write: (more) => (text += more) }, now) });
  for (const line of lines) replayed.take(line);
  return { replayed, text: () => text };
}

function logged(tell: (talk: ReturnType<typeof jsonTalk>) => void): readonly string[] {
  let text = '';
  tell(jsonTalk({ ...wide, write: (more) => (text += more) }, () => start));
  return text.trimEnd().split('\n');
}

it('talk keeps the time at which it was said, and what no run wrote gets the present one', () => {
  const { text } = shown([...logged((talk) => talk.say('waiting for the lock')), 'Killed']);
  expect(text()).toBe('--- 2026-11-21 (UTC)\n23:58:00  waiting for the lock\n--- 2026-11-22 (UTC)\n00:58:00  Killed\n');
});

it('what is only for those who look for a fault is shown as that', () => {
  expect(shown(logged((talk) => talk.debug('cluster.get: done in 12 ms'))).text()).toContain('debug: cluster.get: done in 12 ms');
});

it('knows which run it was, and how it ended', () => {
  const { replayed } = shown(logged((talk) => {
    for (const event of failedRun) talk.report(event);
    talk.tell('error', 'it failed', { type: 'summary', outcome: 'failed', run: '20261121-235800-2hpwr', production: 'untouched' });
  }));
  expect([replayed.run, replayed.operation]).toEqual(['20261121-235800-2hpwr', 'rebuild']);
  expect(replayed.summary).toEqual({ at: start, type: 'summary', outcome: 'failed', run: '20261121-235800-2hpwr', production: 'untouched' });
});

it('the last words of a pod that was replaced are not those of the Job', () => {
  const stopped = logged((talk) => talk.tell('error', 'it was stopped', { type: 'summary', outcome: 'interrupted' }));
  const { replayed } = shown([...stopped, ...logged((talk) => failedRun.slice(0, 2).forEach((event) => talk.report(event)))]);
  expect(replayed.summary).toBeUndefined();
});
