// Containers that crash: hopeless, or only early? A crash may mean that the database is not up yet.

import { describe, expect, test } from 'vitest';
import { having, judge, scene, type Changes, type Scene } from './scenes.ts';

/** The recorded portal with another history; the other two crashing pods are left out. */
function crashing(history: Changes): Scene {
  const objects = scene('crash').filter(({ metadata }) => !/^(starter|initial)/.test(metadata.name));
  const container = { name: 'main', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, ...history };
  return having(objects, 'Pod', { name: 'portal', changes: { status: { containerStatuses: [container] } } });
}

function ranFrom(startedAt: string, more: Changes = {}): Changes {
  return { lastState: { terminated: { exitCode: 3, reason: 'Error', startedAt, finishedAt: startedAt, ...more } } };
}

function database(status: Changes): Scene[number] {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'database-0', uid: 'db' }, status };
}

const upAt = (time: string): Scene[number] => database({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] });

describe('a crashing container', () => {
  test.each([
    ['portal', 'container main crashes: 5 restarts, last with exit code 3'],
    ['initial', 'container migrate crashes: 5 restarts, last with exit code 1'],
  ])('of %s is given up after five restarts with nothing else on its way', (name, message) => {
    expect(judge(scene('crash'), 'Pod', name)).toMatchObject({ state: 'failed', reason: 'CrashLoopBackOff', message });
  });

  test('whose program does not exist is told so in the runtime’s words', () => {
    expect(judge(scene('crash'), 'Pod', 'starter').message).toContain('StartError: failed to create containerd task');
    expect(judge(scene('crash'), 'Pod', 'starter').message).toContain('"/does-not-exist"');
  });

  test.each(['portal', 'initial', 'starter'])('of %s is only early after two restarts', (name) => {
    expect(judge(scene('crash-early'), 'Pod', name)).toMatchObject({ state: 'waiting', reason: 'CrashLoopBackOff' });
  });

  test('counts as crashed also while the kubelet still says `terminated`', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', startedAt: '2026-11-21T11:30:00Z', finishedAt: '2026-11-21T11:30:09Z' };
    expect(judge(crashing({ state: { terminated } }), 'Pod', 'portal')).toMatchObject({
      state: 'failed',
      message: 'container main crashes: 3 restarts, last with exit code 137 (OOMKilled)',
      since: '2026-11-21T11:30:09Z',
      logOf: { previous: false },
    });
  });

  test('in back-off has its story in the log of the previous run', () => {
    expect(judge(crashing(ranFrom('2026-11-21T11:30:00Z')), 'Pod', 'portal').logOf).toEqual({ pod: expect.stringMatching(/^portal-/), container: 'main', previous: true });
  });

  test('that runs again is no failure, however often it has crashed', () => {
    const running = crashing({ restartCount: 9, state: { running: { startedAt: '2026-11-21T11:30:00Z' } } });
    expect(judge(running, 'Pod', 'portal').state).toBe('waiting');
  });

  test('of an init container that ended well at last is over', () => {
    const objects = crashing({ state: { running: {} } });
    const init = { name: 'migrate', restartCount: 7, ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } };
    expect(judge(having(objects, 'Pod', { name: 'portal', changes: { status: { initContainerStatuses: [init] } } }), 'Pod', 'portal').state).toBe('waiting');
  });
});

describe('a container that crashes for want of the database', () => {
  const crashed = crashing(ranFrom('2026-11-21T11:30:00Z'));

  test('may go on while the database is on its way', () => {
    const starting = database({ phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-21T11:29:00Z' }] });
    expect(judge([...crashed, starting], 'Pod', 'portal').state).toBe('waiting');
  });

  test('gets one more try after the database is up', () => {
    expect(judge([...crashed, upAt('2026-11-21T11:30:05Z')], 'Pod', 'portal').state).toBe('waiting');
  });

  test('is given up when it crashes once more although the database was up', () => {
    expect(judge([...crashed, upAt('2026-11-21T11:29:55Z')], 'Pod', 'portal').state).toBe('failed');
  });

  test('is given up after six restarts in any case', () => {
    const often = crashing({ ...ranFrom('2026-11-21T11:30:00Z'), restartCount: 6 });
    expect(judge([...often, database({ phase: 'Pending' })], 'Pod', 'portal').state).toBe('failed');
  });

  test('is not excused by a database that crashes as well', () => {
    const broken = database({ phase: 'Running', containerStatuses: [{ name: 'db', restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } }] });
    expect(judge([...crashed, broken], 'Pod', 'portal').state).toBe('failed');
  });

  test('waits for the migration’s pod too, until that has ended', () => {
    const migrated = (time: string): Scene[number] => database({ phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: time }] });
    expect(judge([...crashed, migrated('2026-11-21T11:30:30Z')], 'Pod', 'portal').state).toBe('waiting');
    expect(judge([...crashed, migrated('2026-11-21T11:29:30Z')], 'Pod', 'portal').state).toBe('failed');
  });
});

describe('a container that lacks its ConfigMap', () => {
  const events = (count: number): Scene =>
    scene('config').map((object) => (object.kind === 'Event' && String(object['message']).startsWith('Error: configmap') ? { ...object, count } : object));

  test('waits at first: somebody may be about to write it', () => {
    expect(judge(events(2), 'Pod', 'portal')).toMatchObject({ state: 'waiting', reason: 'CreateContainerConfigError' });
  });

  test('is given up after three tries, and the name is told', () => {
    expect(judge(events(3), 'Pod', 'portal')).toMatchObject({
      state: 'failed',
      message: 'container main: CreateContainerConfigError (configmap "settings" not found)',
    });
  });
});
