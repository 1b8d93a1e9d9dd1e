// From observed state to a plan, for each operation.

import { describe, expect, test } from 'vitest';
import { planRebuild, planRehearsal, planRollback } from '../../src/plan/make.ts';
import type { ObservedRelease } from '../../src/plan/observed.ts';
import type { RunRecord } from '../../src/run/record.ts';
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

  describe('of what an earlier run was to retire and could not', () => {
    const stored = { ...planRebuild({ environment: { ...environment, deleteExisting: true }, observed: observed({ releases: [before], names: [] }) }, 'prod-aaaaa'), previous: { name: before.name, namespaceUid: before.uid } };
    const retiring = { name: 'retirePrevious', state: 'failed' as const, startedAt: '2026-03-01T00:10:00.000Z' };
    const ended = { ...newRecord(), operation: 'rebuild', outcome: 'needsHuman' as const, epoch: 7, plan: stored, steps: [retiring] };
    const removed = (record: RunRecord, more: { readonly release?: ObservedRelease; readonly deleteExisting?: boolean } = {}): readonly string[] => {
      const { release: found = { ...before, epoch: 7 }, deleteExisting = true } = more;
      return planRebuild({ environment: { ...environment, deleteExisting }, observed: observed({ releases: [live, found], names: [www], records: [record] }) }, 'prod-2hpwr').leftovers.map(({ name }) => name);
    };

    test('it is removed by the next one', () => {
      expect(removed(ended)).toEqual([before.name]);
    });

    test.each<[string, RunRecord, Parameters<typeof removed>[1]?]>([
      ['the environment keeps what was live before by now', ended, { deleteExisting: false }],
      ['somebody has used it since', ended, { release: { ...before, epoch: 8 } }],
      ['who wrote on it last cannot be read', ended, { release: { ...before, epoch: 0 } }],
      ['it is another one of that name', ended, { release: { ...before, epoch: 7, uid: 'another' } }],
      ['that run had not come so far', { ...ended, steps: [{ name: 'retirePrevious', state: 'pending' }] }],
      ['that run was to keep it', { ...ended, plan: { ...stored, deletePrevious: false } }],
      ['it was a pruning that had it on its list, and was cancelled', { ...ended, operation: 'prune', outcome: 'failed', steps: [], plan: { ...stored, operation: 'prune', deletePrevious: false, leftovers: [stored.previous] } }],
      ['that run goes on with it', { ...ended, outcome: 'interrupted' }],
      ['nobody can read what that run had planned', { ...ended, plan: {} }],
    ])('it stays when %s', (_why, record, more) => {
      expect(removed(record, more)).toEqual([]);
    });

    test('also what was a leftover to a run that could not remove it is', () => {
      const later = { ...ended, epoch: 9, outcome: 'failed' as const, steps: [], plan: { ...stored, deletePrevious: false, leftovers: [stored.previous] } };
      expect(removed(later, { release: { ...before, epoch: 9 } })).toEqual([before.name]);
    });

    test('a rehearsal leaves it', () => {
      const world = observed({ releases: [live, { ...before, epoch: 7 }], names: [www], records: [ended] });
      expect(planRehearsal({ environment: { ...environment, deleteExisting: true }, observed: world }, 'prod-2hpwr').leftovers).toEqual([]);
    });
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
