// A crash as a word of a command line: what is printed can be read, and what cannot be read is told.

import { expect, test } from 'vitest';
import { parseCrash, printCrash, replayOf } from '../../sim/boundaries/notation.ts';

test.each(['rebuild:118/killAfter', 'rebuild-keeping:0/kill,40/killHeard', 'rebuild:7/kill:rollback', 'rebuild:66/killAtObject-3', 'rebuild:66/helmKilledAtObject-0:fresh'])('%s comes back as it was', (text) => {
  expect(printCrash(parseCrash(text))).toBe(text);
});

test('it is shown again with one command', () => {
  expect(replayOf({ subject: 'rollback', deaths: [{ nth: 12, fault: 'killHeard' }] })).toBe('npm run simulate -- --crash rollback:12/killHeard');
});

test.each([
  ['rebuild', 'rebuild is no crash'],
  ['rebuild:x/kill', 'x/kill is no place to die at'],
  ['rebuild:1/drown', '1/drown is no place to die at'],
  ['rebuild:1/kill:dance', 'nothing is called dance: fresh, rollback'],
])('%s is refused: %s', (text, why) => {
  expect(() => parseCrash(text)).toThrow(why);
});
