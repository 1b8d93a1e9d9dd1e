// Runs as JSON log lines, as a log collector gets them.

import { expect, it } from 'vitest';
import { jsonTalk } from '../../src/report/json.ts';
import { failedRun, goodRun, start } from './runs.ts';

function logger() {
  let text = '';
  const talk = jsonTalk({ write: (more) => (text += more), columns: 80, rows: 24, color: true }, () => start);
  return { talk, lines: () => text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) };
}

it('events are lines with time, level, message and their own fields; progress that is no news is left out', () => {
  const { talk, lines } = logger();
  for (const event of goodRun) talk.report(event);
  expect(lines()).toHaveLength(goodRun.length - 2);
  expect(lines().map(({ time, level, msg }) => `${String(time)} ${String(level)} ${String(msg)}`)).toMatchInlineSnapshot(`
    [
      "2026-11-21T23:58:00.000Z info rebuild starts",
      "2026-11-21T23:58:00.000Z info Check preconditions",
      "2026-11-21T23:58:00.840Z info Check preconditions: done in 0.8 s",
      "2026-11-21T23:58:00.900Z info Wait until everything is ready",
      "2026-11-21T23:58:01.000Z info waiting for the release; Deployment portal: 0 of 2 replicas are available; Pod portal-1: pulling its image; Pod portal-2: pulling its image; Service ingress: no address yet; Job loader: running",
      "2026-11-21T23:58:20.000Z info waiting for the release; Deployment portal: 0 of 2 replicas are available",
      "2026-11-21T23:58:55.000Z info waiting for the release; Deployment portal: 0 of 2 replicas are available",
      "2026-11-21T23:59:40.000Z warn Deployment extra: 0 of 1 replicas are available (readiness.mayStayUnready)",
      "2026-11-22T00:00:05.000Z info Wait until everything is ready: done in 2 min 4 s",
      "2026-11-22T00:00:05.000Z info Move the public names",
      "2026-11-22T00:00:06.200Z info Move the public names: done in 1.2 s",
      "2026-11-22T00:00:06.200Z info Retire the previous release: skipped, deleteExisting is false",
      "2026-11-22T00:00:06.300Z info done",
    ]
  `);
  expect(lines()[1]).toEqual({ level: 'info', time: '2026-11-21T23:58:00.000Z', type: 'stepStarted', step: 'checkPreconditions', title: 'Check preconditions', msg: 'Check preconditions' });
});

it('a failure is an error line with all its facts', () => {
  const { talk, lines } = logger();
  for (const event of failedRun) talk.report(event);
  expect(lines().filter(({ level }) => level === 'error').map(({ type, msg }) => [type, msg])).toEqual([
    ['stepFailed', 'Wait until everything is ready: Pod portal-6d5f: container portal crashes: exit code 1, 3 restarts'],
    ['runEnded', 'failed'],
  ]);
  expect(lines()[4]).toMatchObject({ failure: { code: 'NotReady', facts: { object: 'Pod prod-2hpwr/portal-6d5f', logTail: 'starting\nno such table: city\n' } } });
});

it('talk and the summary are JSON lines too, so that the whole log can be parsed', () => {
  const { talk, lines } = logger();
  talk.say('host/1 seems to hold the lock');
  talk.tell('error', 'it failed', { type: 'summary', production: 'untouched' });
  expect(lines()).toEqual([
    { level: 'info', time: '2026-11-21T23:58:00.000Z', msg: 'host/1 seems to hold the lock' },
    { level: 'error', time: '2026-11-21T23:58:00.000Z', type: 'summary', production: 'untouched', msg: 'it failed' },
  ]);
});

it('what is called a password or a token is blacked out, wherever it comes from', () => {
  const { talk, lines } = logger();
  talk.tell('info', 'x', { password: 'hunter2', job: { token: 'hunter2', inner: { authorization: 'hunter2' } } });
  expect(JSON.stringify(lines())).not.toContain('hunter2');
});
