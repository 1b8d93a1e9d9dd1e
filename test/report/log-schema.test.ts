// JSON log lines read back: whoever follows a pod's log sees the very events that its run has told.

import { describe, expect, it } from 'vitest';
import { jsonTalk } from '../../src/report/json.ts';
import { linesTalk } from '../../src/report/lines.ts';
import { readLine } from '../../src/report/log-schema.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { after, crash, failedRun, goodRun, start } from './runs.ts';

function logged(events: readonly RunEvent[]): readonly string[] {
  let text = '';
  const talk = jsonTalk({ write: (more) => (text += more), columns: 80, rows: 24, color: false }, () => start);
  for (const event of events) talk.report(event);
  return text.trimEnd().split('\n');
}

function drawn(events: readonly RunEvent[]): string {
  let text = '';
  const talk = linesTalk({ write: (more) => (text += more), columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY, color: false }, () => start);
  for (const event of events) talk.report(event);
  return text;
}

function read(lines: readonly string[]): readonly RunEvent[] {
  return lines.map((line) => {
    const told = readLine(line);
    if (told.kind !== 'event') throw new Error(`no event: ${line}`);
    return told.event;
  });
}

const rare: readonly RunEvent[] = [
  after(0, { type: 'runStarted', run: 'r', operation: 'rebuild', resumed: true, unwinding: true, steps: [{ name: 'a', title: 'A', state: 'undoing' }] }),
  after(1, { type: 'stepProgress', step: 'a', message: 'waiting' }),
  after(2, { type: 'warning', step: undefined, message: 'something' }),
  after(3, { type: 'undoFailed', step: 'a', title: 'A', failure: crash }),
  after(4, { type: 'runEnded', outcome: 'interrupted', exitCode: 143, durationMs: 1, failure: { ...crash, facts: { summary: 's', exitCode: 130, next: 'n' } } }),
];

describe('events', () => {
  it.each([
    ['a run that fails', failedRun],
    ['rare ones', rare],
  ])('come back as they were told: %s', (_, events) => {
    expect(read(logged(events))).toEqual(events);
  });

  it('of a long wait come back thinned out, and are drawn exactly as the run itself draws them', () => {
    expect(drawn(read(logged(goodRun)))).toBe(drawn(goodRun));
  });

  it('of every type there is are among these', () => {
    const types = new Set([...goodRun, ...failedRun, ...rare].map(({ type }) => type));
    expect([...types].toSorted()).toEqual(['runEnded', 'runStarted', 'stepDone', 'stepFailed', 'stepProgress', 'stepSkipped', 'stepStarted', 'undoDone', 'undoFailed', 'undoStarted', 'warning']);
  });
});

describe('other lines', () => {
  it('talk keeps its time, its level and its words', () => {
    let text = '';
    jsonTalk({ write: (more) => (text += more), columns: 80, rows: 24, color: false }, () => start).say('host/1 seems to hold the lock');
    expect(readLine(text)).toEqual({ kind: 'said', at: start, level: 'info', text: 'host/1 seems to hold the lock' });
  });

  it('the summary keeps what its last words are made of', () => {
    let text = '';
    const failed = { type: 'summary', outcome: 'failed', operation: 'rebuild', production: 'untouched: no run was begun', failure: crash };
    jsonTalk({ write: (more) => (text += more), columns: 80, rows: 24, color: false }, () => start).tell('error', 'it failed', failed);
    expect(readLine(text)).toEqual({ kind: 'summary', text: 'it failed', summary: { at: start, ...failed } });
  });

  it('an event of a later version is told by its message', () => {
    const line = JSON.stringify({ level: 'info', time: '2026-11-21T23:58:00.000Z', type: 'approvalAsked', by: 'x', msg: 'Waiting for approval' });
    expect(readLine(line)).toEqual({ kind: 'said', at: start, level: 'info', text: 'Waiting for approval' });
  });

  it.each(['', 'Segmentation fault', '{"half": ', '[]', 'null', '{"msg": 17}', '(node:1) Warning: x'])('what no run writes is told as it is: %j', (line) => {
    expect(readLine(line)).toEqual({ kind: 'other', text: line });
  });
});
