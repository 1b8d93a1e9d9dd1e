// Following a container's log against a server that misbehaves: every way to end is told for what it is.

import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Cluster, LogLine } from '../../src/drivers/cluster/cluster.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { apiDouble, refusal, type ApiDouble } from './cluster-server.ts';

const place = { namespace: 'changeover', pod: 'changeover-prod-1-x7k2p' };

async function follow(cluster: Cluster, since?: string, signal = new AbortController().signal): Promise<{ readonly lines: readonly LogLine[]; readonly ending: string }> {
  const lines: LogLine[] = [];
  try {
    for await (const line of cluster.followLog(place, { container: 'changeover', since, signal })) lines.push(line);
    return { lines, ending: 'end' };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { lines, ending: error.reason };
  }
}

function streaming(write: (response: ServerResponse) => void, options = {}): Promise<ApiDouble> {
  return apiDouble((response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.flushHeaders();
    write(response);
  }, options);
}

describe('following a log', () => {
  it('asks for one container from its beginning, with times', async () => {
    const { cluster, received } = await streaming((response) => response.end());
    await follow(cluster);
    expect(received[0]).toMatchObject({ path: '/api/v1/namespaces/changeover/pods/changeover-prod-1-x7k2p/log', query: { container: 'changeover', follow: 'true', timestamps: 'true' } });
    expect(received[0]?.query).not.toHaveProperty('sinceTime');
  });

  it('goes on from the second of a line, as the API server knows no finer times', async () => {
    const { cluster, received } = await streaming((response) => response.end());
    await follow(cluster, '2026-11-21T10:45:12.987654321Z');
    expect(received[0]?.query['sinceTime']).toBe('2026-11-21T10:45:12Z');
  });

  it('tells lines with their times while they come, also those that arrive in pieces', async () => {
    const { cluster } = await streaming((response) => {
      response.write('2026-11-21T10:45:12.1Z {"msg":"Grü');
      setImmediate(() => response.end('ße"}\n2026-11-21T10:45:12.123456789+01:00 two  words\n2026-11-21T10:45:13Z \n'));
    });
    expect(await follow(cluster)).toEqual({
      lines: [
        { at: '2026-11-21T10:45:12.1Z', text: '{"msg":"Grüße"}' },
        { at: '2026-11-21T10:45:12.123456789+01:00', text: 'two  words' },
        { at: '2026-11-21T10:45:13Z', text: '' },
      ],
      ending: 'end',
    });
  });

  it.each([
    ['a container that has not started', 400, 'invalid'],
    ['a pod that is gone', 404, 'notFound'],
    ['an account that may not read it', 403, 'forbidden'],
  ] as const)('tells %s as that', async (_, status, reason) => {
    const { cluster } = await apiDouble(refusal(status, 'Because', 'no'));
    expect(await follow(cluster)).toEqual({ lines: [], ending: reason });
  });

  it('is "unavailable" when it is cut, in the middle of a line too', async () => {
    const { cluster } = await streaming((response) => {
      response.write('2026-11-21T10:45:12Z one\n2026-11-21T10:45:13Z tw', () => response.destroy());
    });
    expect(await follow(cluster)).toEqual({ lines: [{ at: '2026-11-21T10:45:12Z', text: 'one' }], ending: 'unavailable' });
  });

  it('is "timeout" when nothing is heard for long', async () => {
    const { cluster } = await streaming((response) => void response.write('2026-11-21T10:45:12Z one\n'), { watchSilenceMs: 50 });
    expect(await follow(cluster)).toMatchObject({ lines: [{ text: 'one' }], ending: 'timeout' });
  });

  it('is "unreadable" when a line has no time', async () => {
    const { cluster } = await streaming((response) => response.end('<html>\n'));
    expect((await follow(cluster)).ending).toBe('unreadable');
  });

  it('ends with the signal’s reason', async () => {
    const stop = new AbortController();
    const { cluster } = await streaming((response) => void response.write('2026-11-21T10:45:12Z one\n', () => stop.abort(new Error('detached'))));
    await expect(follow(cluster, undefined, stop.signal)).rejects.toThrow('detached');
  });
});
