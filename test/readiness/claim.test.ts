// PersistentVolumeClaims.

import { describe, expect, test } from 'vitest';
import { changed, having, judge, pick, scene } from './scenes.ts';

describe('a claim is ready', () => {
  test.each(['bound', 'later'])('as recorded: %s', (name) => {
    expect(judge(scene('claims'), 'PersistentVolumeClaim', name).state).toBe('ready');
  });

  test('when it binds at first use and nobody uses it, like the one of a suspended Job', () => {
    expect(judge(scene('claims'), 'PersistentVolumeClaim', 'later').message).toBe('it binds when a pod first uses it');
  });
});

describe('a claim waits', () => {
  test('when it binds at first use and a pod uses it', () => {
    const user = changed(pick(scene('claims'), 'Pod', 'user'), { metadata: { name: 'second' }, spec: { volumes: [{ persistentVolumeClaim: { claimName: 'later' } }] } });
    expect(judge([...scene('claims'), user], 'PersistentVolumeClaim', 'later').state).toBe('waiting');
  });

  test('for a volume that somebody must make by hand, and the binder’s words are shown', () => {
    expect(judge(scene('claims'), 'PersistentVolumeClaim', 'static')).toMatchObject({
      state: 'waiting',
      reason: 'FailedBinding',
      message: 'not bound yet: no persistent volumes available for this claim and no storage class is set',
    });
  });

  test('when nothing has been said about it yet: no Event is not a good sign', () => {
    const silent = scene('claims').filter(({ kind }) => kind !== 'Event');
    for (const name of ['later', 'missing-class']) {
      expect(judge(silent, 'PersistentVolumeClaim', name)).toEqual({ state: 'waiting', message: 'not bound yet' });
    }
  });

  test('when the Events are about an earlier claim of the same name', () => {
    const objects = having(scene('claims'), 'PersistentVolumeClaim', { name: 'missing-class', changes: { metadata: { uid: 'another' } } });
    expect(judge(objects, 'PersistentVolumeClaim', 'missing-class').state).toBe('waiting');
  });

  test('when provisioning failed for a reason that may pass', () => {
    const objects = scene('claims').map((object) => (object['reason'] === 'ProvisioningFailed' ? { ...object, message: 'rpc error: code = ResourceExhausted desc = no space' } : object));
    expect(judge(objects, 'PersistentVolumeClaim', 'missing-class').state).toBe('waiting');
  });
});

describe('a claim has failed', () => {
  test('when its storage class does not exist', () => {
    expect(judge(scene('claims'), 'PersistentVolumeClaim', 'missing-class')).toMatchObject({
      state: 'failed',
      reason: 'StorageClassNotFound',
      message: 'it cannot be bound: storageclass.storage.k8s.io "no-such-class" not found',
    });
  });

  test('when its volume is lost', () => {
    const objects = having(scene('claims'), 'PersistentVolumeClaim', { name: 'bound', changes: { status: { phase: 'Lost' } } });
    expect(judge(objects, 'PersistentVolumeClaim', 'bound')).toMatchObject({ state: 'failed', reason: 'Lost' });
  });
});
