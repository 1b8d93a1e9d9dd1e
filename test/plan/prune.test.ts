// What pruning removes and what it keeps, told by what the names say, never by marks alone.

import { describe, expect, test } from 'vitest';
import { planPrune, sortReleases } from '../../src/plan/prune.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { newRecord } from '../run/engine-world.ts';
import { addressSet, environment, observed, observedName, release, service } from './observed-world.ts';

const live = release('prod-aaaaa', { liveSince: '2026-03-01T00:00:00Z', services: [service('ingress', '192.0.2.1')] });
const before = release('prod-bbbbb', { state: 'previous', liveSince: '2026-02-01T00:00:00Z' });
const oldest = release('prod-ccccc', { state: 'previous', liveSince: '2026-01-01T00:00:00Z' });
const failed = release('prod-ddddd', { state: 'candidate', run: 'run-d' });
const www = observedName('www.example.org.', [addressSet('www.example.org.', '192.0.2.1')]);
const search = observedName('search.second.org.', [addressSet('search.second.org.', '192.0.2.1')]);

const run = (id: string, outcome: RunRecord['outcome']): RunRecord => ({ ...newRecord(), id, operation: 'rebuild', outcome });
const all = observed({ releases: [oldest, live, before, failed], names: [www, search], records: [run('run-d', 'failed')] });
const fates = (world = all, older = false) => sortReleases(world, { older }).map(({ release: { name }, remove, reason }) => `${remove ? '-' : ' '} ${name} ${reason}`);

describe('pruning', () => {
  test('removes what failed runs left behind, and tells of each release why', () => {
    expect(fates()).toEqual([
      '  prod-ccccc it served the public, from 2026-01-01T00:00:00Z (--older removes it)',
      '  prod-aaaaa the public names point to it',
      '  prod-bbbbb a rollback returns to it',
      '- prod-ddddd built by run run-d, which failed; it never served the public',
    ]);
  });

  test('with --older also removes releases that served once, but never the one that a rollback returns to', () => {
    expect(fates(all, true)).toEqual([
      '- prod-ccccc it served the public, from 2026-01-01T00:00:00Z; a rollback returns to another',
      '  prod-aaaaa the public names point to it',
      '  prod-bbbbb a rollback returns to it',
      expect.stringContaining('- prod-ddddd'),
    ]);
  });

  test('never removes what a name points to, although it is marked as a candidate', () => {
    const marked = { ...live, state: 'candidate' as const };
    expect(fates(observed({ releases: [marked], names: [www, search] }))).toEqual(['  prod-aaaaa the public names point to it']);
  });

  test('keeps what is marked live while the names cannot be read, and what a rollback would return to from there', () => {
    const marked = { ...live, state: 'live' as const };
    const silent = { ...www, records: undefined, problems: ['no answer in 5 s'] };
    expect(fates(observed({ releases: [oldest, marked, before], names: [silent] }), true)).toEqual([
      '- prod-ccccc it served the public, from 2026-01-01T00:00:00Z; a rollback returns to another',
      '  prod-aaaaa it is marked live, and the names cannot be read',
      '  prod-bbbbb a rollback returns to it',
    ]);
  });

  test('never removes what only one of the names points to: a move that stopped half-way', () => {
    const half = release('prod-eeeee', { state: 'candidate', services: [service('search', '192.0.2.9')] });
    const moved = observedName('search.second.org.', [addressSet('search.second.org.', '192.0.2.9')]);
    const world = observed({ releases: [live, half], names: [www, moved] });
    expect(fates(world, true)).toEqual(['  prod-aaaaa a public name points to it', '  prod-eeeee a public name points to it']);
  });

  test.each(['running', 'interrupted'] as const)('leaves the candidate of a run that is %s to that run', (outcome) => {
    const world = observed({ releases: [failed], names: [www], records: [run('run-d', outcome)] });
    expect(fates(world, true)).toEqual(['  prod-ddddd run run-d, which is not finished, is building it']);
  });

  test('removes a candidate whose record is long gone', () => {
    expect(fates(observed({ releases: [failed], names: [www] }))).toEqual(['- prod-ddddd built by a run whose record is gone; it never served the public']);
  });

  test('goes on deleting what was being deleted', () => {
    const going = { ...oldest, deleting: true };
    expect(fates(observed({ releases: [live, before, going], names: [www] }))[2]).toBe('- prod-ccccc it was being deleted, and is not gone yet');
  });

  test('before any name exists keeps the release that a rollback would return to', () => {
    const nothing = observed({ releases: [before, oldest], names: [observedName('www.example.org.', [])] });
    expect(planPrune({ environment, observed: nothing }, { older: true }).leftovers.map(({ name }) => name)).toEqual(['prod-ccccc']);
  });
});

describe('the plan of a pruning', () => {
  test('makes nothing, moves nothing, and names by uid what it removes', () => {
    expect(planPrune({ environment, observed: all }, { older: false })).toMatchObject({
      operation: 'prune',
      candidate: 'prod-aaaaa',
      previous: { name: 'prod-aaaaa' },
      createsCandidate: false,
      deletePrevious: false,
      leftovers: [{ name: 'prod-ddddd', namespaceUid: 'uid-of-prod-ddddd' }],
      kept: ['prod-ccccc', 'prod-bbbbb'],
    });
  });
});
