// A run's beginning and end as Kubernetes Events: what they say, and that they never stop a run.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError, type FailureReason } from '../../src/drivers/failure.ts';
import { eventNotifier } from '../../src/drivers/notify/event.ts';
import type { Notification } from '../../src/drivers/notify/notify.ts';

const notification: Notification = {
  environment: 'prod',
  operation: 'rebuild',
  runId: '20261121-104512-2hpwr',
  event: 'started',
  text: 'rebuild of prod has started',
  at: '2026-11-21T10:45:12.000Z',
};

async function told(more: Partial<Notification> = {}): Promise<KubernetesObject> {
  const created: KubernetesObject[] = [];
  const create = async (_kind: unknown, object: KubernetesObject): Promise<KubernetesObject> => {
    created.push(object);
    return object;
  };
  await eventNotifier({ cluster: { create }, namespace: 'changeover' }).send({ ...notification, ...more });
  const [event] = created;
  if (event === undefined) throw new Error('nothing was created');
  return event;
}

function refusing(reason: FailureReason): Promise<void> {
  const create = () => Promise.reject(new DriverError({ reason, attempted: 'POST …/events' }));
  return eventNotifier({ cluster: { create }, namespace: 'changeover' }).send(notification);
}

describe('an Event', () => {
  test('is about the run’s record, beside it, and tells who tells it', async () => {
    expect(await told()).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'changeover-prod-20261121-104512-2hpwr.started', namespace: 'changeover' },
      involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', name: 'changeover-prod-20261121-104512-2hpwr', namespace: 'changeover' },
      type: 'Normal',
      reason: 'Started',
      message: 'rebuild of prod has started',
      source: { component: 'changeover' },
      firstTimestamp: '2026-11-21T10:45:12.000Z',
      lastTimestamp: '2026-11-21T10:45:12.000Z',
      count: 1,
    });
  });

  test.each([
    ['succeeded', 'Normal', 'Succeeded'],
    ['failed', 'Warning', 'Failed'],
    ['restored', 'Warning', 'Restored'],
    ['needsHuman', 'Warning', 'NeedsHuman'],
  ] as const)('of a run that %s is %s, with the reason %s', async (event, type, reason) => {
    expect(await told({ event })).toMatchObject({ type, reason });
  });

  test('has another name for the end than for the beginning, and the same one when it is told twice', async () => {
    const names = [await told(), await told(), await told({ event: 'failed' })].map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(2);
  });

  test('is never longer than the API server takes', async () => {
    const { message } = (await told({ event: 'failed', text: 'x'.repeat(5_000) })) as unknown as { readonly message: string };
    expect(message).toHaveLength(1_024);
    expect(message.endsWith('…')).toBe(true);
  });
});

describe('an Event that is refused', () => {
  test.each(['conflict', 'forbidden'] as const)('as %s is no trouble: the record says all of it', async (reason) => {
    await expect(refusing(reason)).resolves.toBeUndefined();
  });

  test.each(['unavailable', 'timeout', 'invalid'] as const)('as %s is told', async (reason) => {
    await expect(refusing(reason)).rejects.toMatchObject({ reason });
  });
});
