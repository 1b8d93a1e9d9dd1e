// One container's log over connections that break: no line is lost, none is told twice.

import { describe, expect, test } from 'vitest';
import type { FollowLogOptions, LogLine } from '../../src/drivers/cluster/cluster.ts';
import { DriverError, type FailureReason } from '../../src/drivers/failure.ts';
import { containerLog } from '../../src/follow/container-log.ts';
import { VirtualClock } from '../../sim/clock.ts';

interface Connection {
  readonly lines: readonly (readonly [at: string, text: string])[];
  readonly ends?: FailureReason;
}

/** A container that answers each connection as the test says; after the last one it has ended. */
async function follow(connections: readonly Connection[], { endedFromTheStart = false } = {}) {
  const asked: (string | undefined)[] = [];
  let next = 0;
  async function* followLog(_: unknown, { since }: FollowLogOptions): AsyncGenerator<LogLine, void> {
    asked.push(since);
    const { lines, ends } = connections[next] ?? { lines: [] };
    next += 1;
    for (const [at, text] of lines) yield { at: `2026-01-01T00:00:${at}Z`, text };
    if (ends !== undefined) throw new DriverError({ reason: ends, attempted: 'follow' });
  }
  const clock = new VirtualClock();
  const hasEnded = (): boolean => endedFromTheStart || next >= connections.length - 1;
  const told: string[] = [];
  const options = { cluster: { followLog }, clock, signal: new AbortController().signal, namespace: 'changeover', pod: 'p', container: 'changeover', hasEnded };
  for await (const { text } of containerLog(options)) told.push(text);
  return { told, asked, clock };
}

test('one connection to the end of the container is all it takes', async () => {
  const { told, asked } = await follow([{ lines: [['01.000000001', 'a'], ['02.5', 'b']] }], { endedFromTheStart: true });
  expect([told, asked]).toEqual([['a', 'b'], [undefined]]);
});

describe('a connection that breaks', () => {
  test('is followed by one from the last line on; what comes again is not told again', async () => {
    const { told, asked } = await follow([
      { lines: [['01.100', 'a'], ['02.100', 'b'], ['02.200', 'c']], ends: 'unavailable' },
      { lines: [['02.100', 'b'], ['02.200', 'c'], ['02.300', 'd']] },
    ]);
    expect(told).toEqual(['a', 'b', 'c', 'd']);
    expect(asked).toEqual([undefined, '2026-01-01T00:00:02.200Z']);
  });

  test('between two lines of the very same moment loses neither', async () => {
    const { told } = await follow([
      { lines: [['01', 'a'], ['01', 'b']], ends: 'timeout' },
      { lines: [['01', 'a'], ['01', 'b'], ['01', 'c'], ['01.5', 'd']] },
    ]);
    expect(told).toEqual(['a', 'b', 'c', 'd']);
  });

  test('and equal lines at different moments are both told', async () => {
    const { told } = await follow([{ lines: [['01.1', 'same']], ends: 'unavailable' }, { lines: [['01.1', 'same'], ['01.12', 'same']] }]);
    expect(told).toEqual(['same', 'same']);
  });

  test('is not tried all the time', async () => {
    const broken: Connection = { lines: [], ends: 'unavailable' };
    const { clock, asked } = await follow([broken, broken, broken, broken, { lines: [['01', 'a']] }]);
    expect(asked).toHaveLength(5);
    expect(clock.now() - new VirtualClock().now()).toBeGreaterThan(5_000);
  });
});

test('a log that is closed in order while its container runs is asked for again', async () => {
  const { told } = await follow([{ lines: [['01', 'a']] }, { lines: [['01', 'a'], ['02', 'b']] }]);
  expect(told).toEqual(['a', 'b']);
});

test('what a container writes at its very end is told, although the connection had ended before that was known', async () => {
  let ended = false;
  let connections = 0;
  async function* followLog(): AsyncGenerator<LogLine, void> {
    connections += 1;
    yield { at: '2026-01-01T00:00:01Z', text: 'a' };
    // It ends while this connection is being closed.
    ended = true;
    if (connections > 1) yield { at: '2026-01-01T00:00:02Z', text: 'last words' };
  }
  const told: string[] = [];
  const options = { cluster: { followLog }, clock: new VirtualClock(), signal: new AbortController().signal, namespace: 'n', pod: 'p', container: 'c', hasEnded: () => ended };
  for await (const { text } of containerLog(options)) told.push(text);
  expect(told).toEqual(['a', 'last words']);
});

test('a pod that is gone has nothing more to tell', async () => {
  const { told } = await follow([{ lines: [['01', 'a']], ends: 'notFound' }, { lines: [] }, { lines: [] }]);
  expect(told).toEqual(['a']);
});

test('a node that never answers again for a container that has ended does not keep anybody waiting for ever', async () => {
  const broken: Connection = { lines: [], ends: 'unavailable' };
  const { asked } = await follow(Array.from({ length: 20 }, () => broken), { endedFromTheStart: true });
  expect(asked.length).toBeLessThan(10);
});

test('a log that may not be read is told as that', async () => {
  await expect(follow([{ lines: [], ends: 'forbidden' }])).rejects.toMatchObject({ reason: 'forbidden' });
});
