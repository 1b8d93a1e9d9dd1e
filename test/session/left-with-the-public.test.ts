// A run that ends in the hands of a human may have had the public on its candidate until a moment ago: whoever comes next and clears it
// away waits for those who still hold its answers.

import { expect, test } from 'vitest';
import { production, environmentWith, type Production } from '../../sim/production.ts';
import type { Intent } from '../../src/session/intend.ts';
import { DriverError } from '../../src/drivers/failure.ts';

const ttlMs = 60_000;

/** The names had moved when the name servers fell silent, for us: the way back could not be confirmed either. They are back now. */
async function leftOver(): Promise<Production> {
  const made = await production({}, { environment: environmentWith({ swap: { timeout: '5s' } }) });
  await made.command();
  let isMoving = false;
  made.world.faults = ({ text }) => {
    isMoving ||= text.startsWith('dns.change');
    return isMoving && text.startsWith('resolver') ? new DriverError({ reason: 'unavailable', attempted: text }) : undefined;
  };
  expect(await made.command()).toMatchObject({ outcome: 'needsHuman' });
  made.world.faults = () => undefined;
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  return made;
}

test.each<{ readonly intent: Intent }>([{ intent: { operation: 'rebuild' } }, { intent: { operation: 'prune', older: false } }])('a $intent.operation just after it serves what was left over until the last answer has expired', async ({ intent }) => {
  const made = await leftOver();
  const backAt = made.world.requests.findLast(({ text }) => text.startsWith('dns.change'))?.at ?? 0;
  expect(await made.command(intent)).toMatchObject({ outcome: 'succeeded' });
  const removedAt = made.world.requests.find(({ text }) => text.startsWith('helm.uninstall prod-r0002'))?.at ?? 0;
  expect(removedAt - backAt).toBeGreaterThanOrEqual(ttlMs);
});

test('what failed before the public was there is cleared away at once', async () => {
  const made = await production({}, { environment: environmentWith({ release: { chart: { path: '/chart' }, onFailure: 'keep' } }) });
  await made.command();
  made.world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
  await made.command();
  made.world.cluster.behaviours.delete('Job/loader');
  const startedAt = made.world.clock.now();
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  const removedAt = made.world.requests.find(({ text }) => text.startsWith('helm.uninstall prod-r0002'))?.at ?? Infinity;
  expect(removedAt - startedAt).toBeLessThan(10_000);
});
