// One judgement over a whole namespace: what belongs to the release, what is missing, what is excused.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { describeVerdict } from '../../src/readiness/verdict.ts';
import { changed, having, judgeScene, pick, rendered, scene, without } from './scenes.ts';

function object(apiVersion: string, kind: string, more: { readonly name: string; readonly [field: string]: unknown }): KubernetesObject {
  const { name, ...fields } = more;
  return { apiVersion, kind, metadata: { name, uid: `uid-of-${name}` }, ...fields };
}

describe('a release is ready', () => {
  test('when everything is ready at once', () => {
    expect(judgeScene(scene('ready'))).toEqual({ ready: true, failed: [], waiting: [], unknown: [], excused: [] });
  });

  test('only while all of it is: one pod that turns unready is enough', () => {
    const objects = having(scene('ready'), 'Pod', { name: 'database', changes: { status: { conditions: [{ type: 'Ready', status: 'False' }] } } });
    const { ready, waiting } = judgeScene(objects);
    expect(ready).toBe(false);
    expect(waiting.map(({ object: { kind, name } }) => `${kind} ${name}`)).toEqual(['Pod database-0']);
  });

  test('when a Job that removes itself has done so, but not when any other object is gone', () => {
    const contains = rendered(scene('ready')).map((one) => (one.metadata.name === 'migrate' ? changed(one, { spec: { ttlSecondsAfterFinished: 60 } }) : one));
    expect(judgeScene(without(scene('ready'), 'Job', 'migrate'), { contains }).ready).toBe(true);
    expect(judgeScene(without(scene('ready'), 'Job', 'load'), { contains }).ready).toBe(false);
  });
});

describe('what the chart renders and is not there', () => {
  test.each([
    ['Deployment', 'portal'],
    ['Job', 'migrate'],
    ['Service', 'ingress'],
  ])('is awaited: %s %s', (kind, name) => {
    const { ready, waiting } = judgeScene(without(scene('ready'), kind, name), { contains: rendered(scene('ready')) });
    expect(ready).toBe(false);
    expect(waiting.map(describeVerdict)).toContain(`${kind} ${name}: not created yet`);
  });

  test('is awaited in an empty namespace, too: nothing is ready where nothing is', () => {
    expect(judgeScene([], { namespace: 'rd-ready', contains: rendered(scene('ready')) }).ready).toBe(false);
  });

  test('is not awaited when it is of a kind without readiness', () => {
    const contains = [...rendered(scene('ready')), object('v1', 'ConfigMap', { name: 'settings' }), object('batch/v1', 'CronJob', { name: 'nightly' })];
    expect(judgeScene(scene('ready'), { contains }).ready).toBe(true);
  });

  test.each([
    ['in another namespace', { contains: [changed(object('apps/v1', 'Deployment', { name: 'agent' }), { metadata: { namespace: 'kube-system' } })] }],
    ['of a kind that cannot be followed', { contains: [object('example.org/v1', 'Fleet', { name: 'agent' })], unfollowed: ['Fleet.example.org'] }],
  ])('%s is reported, never taken as ready', (_, expected) => {
    const { ready, unknown } = judgeScene([], { namespace: 'prod-2hpwr', ...expected });
    expect(ready).toBe(false);
    expect(unknown.map(describeVerdict)[0]).toMatch(/agent: it lies outside the release’s namespace/);
  });
});

describe('what else lies in the namespace', () => {
  const stranger = (kind: string, apiVersion: string, status: object) => object(apiVersion, kind, { name: 'stranger', status });

  test.each([
    ['a failed Job of an earlier load', stranger('Job', 'batch/v1', { conditions: [{ type: 'Failed', status: 'True' }] })],
    ['a failed pod of `helm test`', stranger('Pod', 'v1', { phase: 'Failed' })],
    ['a claim that somebody made by hand', stranger('PersistentVolumeClaim', 'v1', { phase: 'Pending' })],
  ])('is not judged: %s', (_, thing) => {
    expect(judgeScene([...scene('ready'), thing], { contains: rendered(scene('ready')) }).ready).toBe(true);
  });

  test('is judged when something of the release made it', () => {
    const cluster = object('example.org/v1', 'Postgres', { name: 'main', status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    const made = object('apps/v1', 'StatefulSet', { name: 'main-0', status: {} });
    const owned = { ...made, metadata: { ...made.metadata, generation: 1, ownerReferences: [{ kind: 'Postgres', name: 'main', uid: 'uid-of-main' }] } };
    const { waiting } = judgeScene([cluster, owned], { namespace: 'prod-2hpwr', contains: [cluster] });
    expect(waiting.map(describeVerdict)).toEqual(['StatefulSet main-0: its controller has not seen the present spec yet']);
  });

  test('is judged when it is the volume of one of its pods, though nobody owns it', () => {
    const objects = having(scene('ready'), 'PersistentVolumeClaim', { name: 'data-database-0', changes: { status: { phase: 'Lost' } } });
    const contains = rendered(objects).filter(({ kind }) => kind !== 'PersistentVolumeClaim');
    expect(judgeScene(objects, { contains }).failed.map(describeVerdict)).toEqual(['PersistentVolumeClaim data-database-0: its volume is lost']);
  });

  test('is not judged when it is just being deleted', () => {
    const objects = having(scene('ready'), 'Pod', { name: 'agent', changes: { metadata: { deletionTimestamp: '2026-11-21T11:30:00Z' }, status: { conditions: [] } } });
    expect(judgeScene(objects).ready).toBe(true);
  });
});

describe('what may stay unready', () => {
  const mayStayUnready = [{ kind: 'Deployment', name: 'stuck' }, { kind: 'Deployment', name: 'slow' }, { kind: 'Service', name: 'slow' }];

  test('is excused together with its pods, and reported', () => {
    const { failed, waiting, excused } = judgeScene(scene('services'), { mayStayUnready });
    expect(failed).toEqual([]);
    expect(waiting.map(({ object: { name } }) => name)).toEqual(['never']);
    expect(excused.map(({ object: { kind, name } }) => `${kind} ${name.replace(/-.*/, '')}`).toSorted()).toEqual(['Deployment slow', 'Deployment stuck', 'Pod slow', 'Pod stuck', 'Service slow']);
  });

  test('is excused also when it is not there, or nobody can tell', () => {
    const contains = [object('apps/v1', 'Deployment', { name: 'stuck' }), object('example.org/v1', 'Fleet', { name: 'one' })];
    const excuses = [...mayStayUnready, { kind: 'Fleet', name: 'one' }];
    expect(judgeScene([], { namespace: 'prod-2hpwr', contains, mayStayUnready: excuses, unfollowed: ['Fleet.example.org'] }).ready).toBe(true);
  });

  test('is meant exactly: another kind or a longer name is not excused', () => {
    const near = [{ kind: 'StatefulSet', name: 'stuck' }, { kind: 'Deployment', name: 'stuc' }, { kind: 'Deployment', name: 'stuck-2' }];
    expect(judgeScene(scene('services'), { mayStayUnready: near }).failed).toHaveLength(1);
  });

  test('is not reported when it is ready all the same', () => {
    expect(judgeScene(scene('ready'), { mayStayUnready: [{ kind: 'Deployment', name: 'portal' }] }).excused).toEqual([]);
  });
});

describe('of several failures', () => {
  test('the one nearest to the cause comes first', () => {
    const failing = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
    const objects = having(scene('image'), 'Deployment', { name: 'local', changes: { status: failing } });
    const { failed } = judgeScene(objects);
    expect(failed.at(0)?.object.kind).toBe('Pod');
    expect(failed.at(-1)?.object).toEqual({ kind: 'Deployment', name: 'local' });
  });

  test('a storage class that does not exist comes before the pod that waits for the volume', () => {
    const { failed } = judgeScene(scene('claims'));
    expect(failed.map(({ object: { name } }) => name)).toEqual(['missing-class']);
  });
});

test('a release in trouble is not changed by being judged', () => {
  const objects = scene('crash');
  const before = JSON.stringify(objects);
  judgeScene(objects);
  expect(JSON.stringify(objects)).toBe(before);
  expect(pick(objects, 'Deployment', 'portal').metadata.name).toBe('portal');
});
