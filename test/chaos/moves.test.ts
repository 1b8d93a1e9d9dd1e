// How the chaos tests judge what was done to a name: once, with one owner record, but for what runs that were killed may do besides.

import { expect, test } from 'vitest';
import { leaveOf, moveProblems, type Leave } from './support/moves.ts';

const name = 'www.example.test.';
const [old, made, other] = ['chaos-1-aaaaa', 'chaos-1-bbbbb', 'chaos-1-ccccc'];
const undisturbed: Leave = { before: old, after: made, takeovers: 0, begun: 1, undone: 0 };

/** Addresses are called as their release; each owner record is told by its release and its epoch. */
function problems(addresses: readonly string[], owners: readonly (readonly [string, number])[], leave: Partial<Leave> = {}): readonly string[] {
  const writes = {
    addresses: addresses.map((address) => ({ at: 0, name, address })),
    owners: owners.map(([release, epoch], index) => ({ at: 0, name, release, text: `changeover environment=chaos-1 release=${release} epoch=${epoch} change=${index}` })),
    releaseOf: (address: string) => (address.startsWith('chaos-') ? address : undefined),
  };
  return moveProblems([name], writes, { ...undisturbed, ...leave });
}

test('a name that moved once, with one owner record, is as it should be', () => {
  expect(problems([made], [[made, 2]])).toEqual([]);
});

test('one that did not move, or went elsewhere, is not', () => {
  expect(problems([], [])).toEqual([`${name} went from ${old} in 1 runs, and not once to ${made}`]);
  expect(problems(['203.0.113.7'], [[made, 2]])).toContain(`${name} went from ${old} to 203.0.113.7 in 1 runs, and not once to ${made}`);
  expect(problems([other, made], [[other, 2], [made, 2]])).toEqual([`${name} went from ${old} to ${other} to ${made} in 1 runs, and not once to ${made}`]);
});

test('a run that had ended already is followed by a whole new one, which moves it once more', () => {
  expect(problems([other, made], [[other, 2], [made, 3]], { begun: 2, takeovers: 1 })).toEqual([]);
});

test('a move may be taken back as often as a way back was begun', () => {
  const [addresses, owners] = [[made, old, made], [[made, 2], [old, 3], [made, 3]]] as const;
  expect(problems(addresses, owners, { takeovers: 1, undone: 1 })).toEqual([]);
  expect(problems(addresses, owners, { takeovers: 1 })).toEqual([`${name} was led back 1 times, and 0 ways back were begun`]);
});

test('what is written again and changes nothing is told, too', () => {
  expect(problems([made, made], [[made, 2], [made, 3]], { takeovers: 1 })).toEqual([`${name} was led 1 times to where it led already`]);
});

test('who takes over may write his own epoch beside it, once for each takeover', () => {
  expect(problems([made], [[old, 3], [made, 3]], { takeovers: 1 })).toEqual([]);
  expect(problems([made], [[made, 2], [made, 3]], { takeovers: 1 })).toEqual([]);
  expect(problems([made], [[made, 2], [made, 2]])).toEqual([`${name} was claimed 1 times in 0 takeovers, with 0 ways back`]);
});

test('an owner record goes with each move: none is left out, none says something else, and none is written twice', () => {
  expect(problems([made], [])).toEqual([`${name} went to ${made} (0 times back), and its owner record says nothing (0 times back)`]);
  expect(problems([made], [[other, 2]])).toHaveLength(1);
  const text = 'changeover environment=chaos-1 release=chaos-1-bbbbb epoch=2 change=1';
  const twice = { addresses: [{ at: 0, name, address: made }], owners: [text, text].map((one) => ({ at: 0, name, release: made, text: one })), releaseOf: () => made };
  expect(moveProblems([name], twice, { ...undisturbed, takeovers: 1 })).toEqual([`${name} has had the same owner record twice: ${text}`]);
});

test('what ends where it began need not move', () => {
  expect(problems([], [], { after: old })).toEqual([]);
  expect(problems([made, old], [[made, 2], [old, 2]], { after: old, undone: 1 })).toEqual([]);
});

test('what runs say of themselves bounds how often they may', () => {
  const started = (fields: object) => ({ time: '', type: 'runStarted', ...fields });
  const runs = [
    { events: [started({ resumed: false }), { time: '', type: 'stepStarted', step: 'swapNames' }] },
    { events: [started({ resumed: true, unwinding: true }), { time: '', type: 'undoStarted', step: 'swapNames' }, { time: '', type: 'undoStarted', step: 'installRelease' }, started({ resumed: false })] },
  ];
  expect(leaveOf(runs, { before: old, after: made })).toEqual({ before: old, after: made, takeovers: 2, begun: 2, undone: 1 });
  const retaken = { events: [started({ resumed: false }), started({ resumed: true })] };
  expect(leaveOf([retaken], { before: old, after: made })).toMatchObject({ takeovers: 1, begun: 1 });
});
