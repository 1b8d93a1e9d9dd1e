// How it is known when names switched: from BIND's own log, and from what servers were heard to answer.

import { describe, expect, test } from 'vitest';
import { parseUpdates, polledSpread, zoneChanges, type Polled } from '../../bench/switching.ts';

/** As BIND 9.18 writes it with `print-time iso8601; print-category yes`. */
function added(time: string, port: number, name: string): string {
  const zone = name.split('.').slice(1).join('.');
  return `2026-11-21T11:43:${time} update: client @0x7f2dbbd3e098 100.64.0.1#${port}/key changeover: updating zone '${zone}/IN': adding an RR at '${name}' A 192.0.2.7\n`;
}

const deleted = "2026-11-21T11:43:47.654 update: client @0x7f2dbbd3e098 100.64.0.1#40322/key changeover: updating zone 'example.test/IN': delete all rrsets from name 'a.example.test'\n";
const approved = '2026-11-21T11:43:47.386 update-security: client @0x7f2dbbd3e098 100.64.0.1#45381/key changeover: signer "changeover" approved\n';

describe("BIND's update log", () => {
  test('tells each address that was added, by whom and when; everything else in it is passed over', () => {
    const updates = parseUpdates(`${approved}${deleted}${added('47.386', 45_381, 'a.example.test')}`);
    expect(updates).toEqual([{ client: '100.64.0.1#45381', zone: 'example.test', name: 'a.example.test.', at: Date.parse('2026-11-21T11:43:47.386') }]);
  });

  test('names that one message changes are one change without any time between them', () => {
    const log = ['a', 'b', 'c'].map((name) => added('47.386', 45_381, `${name}.example.test`)).join('');
    expect(zoneChanges(parseUpdates(log))).toEqual([{ zone: 'example.test', names: 3, changes: 1, spreadMs: 0 }]);
  });

  test('names that are changed one after another are several changes, and the time between them is told', () => {
    const log = added('47.000', 1, 'a.example.test') + added('48.500', 2, 'b.example.test') + added('47.100', 3, 'c.second.test');
    expect(zoneChanges(parseUpdates(log))).toEqual([
      { zone: 'example.test', names: 2, changes: 2, spreadMs: 1_500 },
      { zone: 'second.test', names: 1, changes: 1, spreadMs: 0 },
    ]);
  });
});

describe('answers that were polled', () => {
  const polls = (server: string, name: string, answers: readonly (readonly [number, string])[]): readonly Polled[] => answers.map(([at, answer]) => ({ server, name, at, answer }));

  test('the time from the first new answer to the last name on the last server that gives one', () => {
    const seen = [
      ...polls('one', 'a.', [[0, 'old'], [10, 'new'], [20, 'new']]),
      ...polls('two', 'a.', [[0, 'old'], [10, 'old'], [25, 'new']]),
      ...polls('one', 'b.', [[1, 'other'], [12, 'new']]),
    ];
    expect(polledSpread(seen)).toBe(15);
  });

  test('a name that was never seen to switch makes the time unknown, not short', () => {
    expect(polledSpread([...polls('one', 'a.', [[0, 'old'], [10, 'new']]), ...polls('two', 'a.', [[0, 'old'], [10, 'old']])])).toBeUndefined();
    expect(polledSpread([])).toBeUndefined();
  });
});
