// From observed state to a plan, for each operation.

import { describe, expect, test } from 'vitest';
import { planRebuild, planRehearsal, planRollback } from '../../src/plan/make.ts';
import { newRecord } from '../run/engine-world.ts';
import { addressSet, environment, observed, observedName, release, service } from './observed-world.ts';

const live = release('prod-aaaaa', { liveSince: '2026-03-01T00:00:00Z', services: [service('ingress', '192.0.2.1')] });
const before = release('prod-bbbbb', { state: 'previous', liveSince: '2026-02-01T00:00:00Z' });
const oldest = release('prod-ccccc', { state: 'previous', liveSince: '2026-01-01T00:00:00Z' });
const failed = release('prod-ddddd', { state: 'candidate' });
const www = observedName('www.example.org.', [addressSet('www.example.org.', '192.0.2.1')]);

describe('the plan of a rebuild', () => {
  const world = observed({ releases: [live, before, oldest, failed], names: [www] });

  test('names the live release, and the new one', () => {
    expect(planRebuild({ environment, observed: world }, 'prod-2hpwr')).toMatchObject({
      candidate: 'prod-2hpwr',
      previous: { name: 'prod-aaaaa', namespaceUid: 'uid-of-prod-aaaaa' },
      createsCandidate: true,
    });
  });

  test('removes candidates of failed runs, and nothing that ever served the public', () => {
    const plan = planRebuild({ environment, observed: world }, 'prod-2hpwr');
    expect(plan.leftovers.map(({ name }) => name)).toEqual(['prod-ddddd']);
    expect(plan.kept).toEqual(['prod-bbbbb', 'prod-ccccc']);
  });

  test('never takes the live release for a leftover, even when its mark says candidate', () => {
    const unmarked = { ...live, state: 'candidate' as const };
    const plan = planRebuild({ environment, observed: observed({ releases: [unmarked], names: [www] }) }, 'prod-2hpwr');
    expect(plan.leftovers).toEqual([]);
    expect(plan.previous?.name).toBe('prod-aaaaa');
  });

  test('keeps the TTL of a name, and takes the configured one only for a new name', () => {
    const names = [www, observedName('new.example.org.', [], { ttl: 7 }), observedName('newer.example.org.', [])];
    const plan = planRebuild({ environment, observed: observed({ releases: [live], names }) }, 'prod-2hpwr');
    expect(plan.names.map(({ ttl }) => ttl)).toEqual([30, 7, 60]);
  });

  test('estimates by the median of earlier good runs of the same operation', () => {
    const run = (minutes: number, more = {}) => ({ ...newRecord(), operation: 'rebuild', outcome: 'succeeded' as const, endedAt: `2026-01-01T00:${String(minutes).padStart(2, '0')}:00.000Z`, ...more });
    const records = [run(10), run(50), run(20), run(1, { outcome: 'failed' }), run(2, { operation: 'rehearse' })];
    expect(planRebuild({ environment, observed: observed({ records }) }, 'prod-2hpwr').estimateMs).toBe(20 * 60_000);
    expect(planRebuild({ environment, observed: observed() }, 'prod-2hpwr').estimateMs).toBeUndefined();
  });

  test('of a rehearsal never deletes the live release, whatever deleteExisting says', () => {
    const deleting = { ...environment, deleteExisting: true };
    expect(planRebuild({ environment: deleting, observed: world }, 'prod-2hpwr').deletePrevious).toBe(true);
    expect(planRehearsal({ environment: deleting, observed: world }, 'prod-2hpwr')).toMatchObject({ operation: 'rehearse', deletePrevious: false });
  });
});

describe('the plan of a rollback', () => {
  const world = observed({ releases: [oldest, live, before, failed], names: [www] });

  test('goes back to the release that was live last', () => {
    expect(planRollback({ environment, observed: world }, undefined)).toMatchObject({
      candidate: 'prod-bbbbb',
      previous: { name: 'prod-aaaaa' },
      createsCandidate: false,
      deletePrevious: false,
      leftovers: [],
    });
  });

  test('goes to the release that was asked for', () => {
    expect(planRollback({ environment, observed: world }, 'prod-ccccc')?.candidate).toBe('prod-ccccc');
  });

  test.each(['prod-aaaaa', 'prod-ddddd', 'prod-zzzzz'])('never goes to %s: live, never public, or not there', (wanted) => {
    expect(planRollback({ environment, observed: world }, wanted)).toBeUndefined();
  });

  test('never goes to a release that is being deleted', () => {
    const world2 = observed({ releases: [live, { ...before, deleting: true }], names: [www] });
    expect(planRollback({ environment, observed: world2 }, undefined)).toBeUndefined();
  });
});
