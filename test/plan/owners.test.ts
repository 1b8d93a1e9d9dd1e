// Owner records as text: where they lie, what they say, and when they forbid a change.

import { describe, expect, test } from 'vitest';
import { describeOwner, heldOwner, ownerName, ownerProblem, ownerSet } from '../../src/plan/owners.ts';
import type { TextSet } from '../../src/drivers/dns/dns.ts';

const www = 'www.example.org.';
const at = '_changeover.www.example.org.';

function text(...values: readonly string[]): TextSet {
  return { name: at, type: 'TXT', ttl: 60, values };
}

const owner = { environment: 'prod', release: 'prod-2hpwr', epoch: 7, change: 3 };

test('the record of a name lies below it; that of a wildcard beside it, since a star can only come first', () => {
  expect(ownerName(www)).toBe(at);
  expect(ownerName('*.shop.example.org.')).toBe('_changeover-any.shop.example.org.');
});

test('what is written is one line for people, and is read back as it was', () => {
  expect(ownerSet({ name: at }, owner)).toEqual(text('changeover environment=prod release=prod-2hpwr epoch=7 change=3'));
  for (const written of [owner, { ...owner, release: undefined }]) {
    expect(heldOwner(www, ownerSet({ name: at }, written))).toEqual({ name: at, set: ownerSet({ name: at }, written), owner: written });
  }
});

test('keys of a later version are passed over', () => {
  expect(heldOwner(www, text('changeover environment=prod cluster=west release=prod-2hpwr epoch=7 change=3')).owner).toEqual(owner);
});

describe('a name', () => {
  test('without a record may be taken', () => {
    expect(ownerProblem(www, heldOwner(www, undefined), 'prod')).toBeUndefined();
    expect(describeOwner(heldOwner(www, undefined))).toBe('nobody');
  });

  test('of this environment may be moved', () => {
    const held = heldOwner(www, ownerSet({ name: at }, owner));
    expect(ownerProblem(www, held, 'prod')).toBeUndefined();
    expect(describeOwner(held)).toBe('environment prod, epoch 7');
  });

  test('of another environment may not: it says whose it is, and what to do', () => {
    const problem = ownerProblem(www, heldOwner(www, ownerSet({ name: at }, owner)), 'staging');
    expect(problem).toBe('www.example.org. belongs to environment prod (_changeover.www.example.org. TXT: release prod-2hpwr, epoch 7): two environments must not move one name. If it has given the name up, remove that record');
  });

  test.each([
    ['something else', ['v=spf1 -all']],
    ['two texts', ['changeover environment=prod epoch=7 change=1', 'changeover environment=prod epoch=8 change=1']],
    ['no environment', ['changeover epoch=7']],
    ['an epoch that is none', ['changeover environment=prod epoch=seven']],
    ['a half epoch', ['changeover environment=prod epoch=7.5']],
  ])('whose record says %s may not: what is not understood is not nothing', (_title, values) => {
    const problem = ownerProblem(www, heldOwner(www, text(...values)), 'prod');
    expect(problem).toContain(`${at} TXT holds ${values.map((value) => JSON.stringify(value)).join(', ')}, which is no owner record`);
    expect(problem).toContain('swap.ownerRecords: false');
  });
});
