// Watches against a server that misbehaves: every way to end is told for what it is.

import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster, WatchEvent } from '../../src/drivers/cluster/cluster.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { configMap, rejection } from '../contracts/cluster-objects.ts';
import { apiDouble, refusal } from './cluster-server.ts';
import type { ApiDouble } from './cluster-server.ts';

interface Watched {
  readonly names: readonly string[];
  /** The reason of the DriverError, or `end`. */
  readonly ending: string;
}

async function watch(cluster: Cluster, signal = new AbortController().signal): Promise<Watched> {
  const names: string[] = [];
  try {
    for await (const event of cluster.watch(kinds.configMap, { namespace: 'prod', resourceVersion: '41', signal })) names.push(nameOf(event));
    return { names, ending: 'end' };
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return { names, ending: error.reason };
  }
}

function nameOf(event: WatchEvent): string {
  return event.type === 'BOOKMARK' ? `bookmark ${event.resourceVersion}` : `${event.type} ${event.object.metadata.name}`;
}

function line(type: string, name: string): string {
  return `${JSON.stringify({ type, object: configMap(name, 'prod') })}\n`;
}

/** A watch whose bytes the test writes; the head is sent at once, as the API server does. */
function streaming(write: (response: ServerResponse) => void): Promise<ApiDouble> {
  return apiDouble((response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    write(response);
  });
}

/** A watch that has told one event already, and the server's side of it. */
async function begun(signal = new AbortController().signal): Promise<ApiDouble & { readonly events: AsyncIterator<WatchEvent>; readonly response: ServerResponse }> {
  const server = Promise.withResolvers<ServerResponse>();
  const double = await streaming((response) => {
    response.write(line('ADDED', 'a'));
    server.resolve(response);
  });
  const events = double.cluster.watch(kinds.configMap, { namespace: 'prod', resourceVersion: '1', signal })[Symbol.asyncIterator]();
  await events.next();
  return { ...double, events, response: await server.promise };
}

describe('a watch', () => {
  it('asks for bookmarks, from the version it was given', async () => {
    const { cluster, received } = await streaming((response) => response.end());
    await watch(cluster);
    expect(received[0]).toMatchObject({
      path: '/api/v1/namespaces/prod/configmaps',
      query: { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '41' },
    });
  });

  it('tells events and bookmarks in order, and ends when the server ends it', async () => {
    const bookmark = `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: '99' } } })}\n`;
    const { cluster } = await streaming((response) => response.end(line('ADDED', 'a') + bookmark + line('DELETED', 'a')));
    expect(await watch(cluster)).toEqual({ names: ['ADDED a', 'bookmark 99', 'DELETED a'], ending: 'end' });
  });

  it('puts events together that arrive in pieces, even when a piece ends within a character', async () => {
    const bytes = Buffer.from(line('ADDED', 'größe'));
    const middle = bytes.indexOf('ö') + 1;
    const { cluster } = await streaming((response) => {
      response.write(bytes.subarray(0, middle));
      setImmediate(() => response.end(bytes.subarray(middle)));
    });
    expect(await watch(cluster)).toEqual({ names: ['ADDED größe'], ending: 'end' });
  });

  it('is gone when the version is too old, told as a status or as an event', async () => {
    const byStatus = await apiDouble(refusal(410, 'Expired', 'too old resource version'));
    expect(await watch(byStatus.cluster)).toEqual({ names: [], ending: 'gone' });
    const event = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`;
    const byEvent = await streaming((response) => response.end(line('ADDED', 'a') + event));
    expect(await watch(byEvent.cluster)).toEqual({ names: ['ADDED a'], ending: 'gone' });
  });

  it('tells other errors of the server for what they are', async () => {
    const event = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd' } })}\n`;
    const { cluster } = await streaming((response) => response.end(event));
    expect(await watch(cluster)).toEqual({ names: [], ending: 'unavailable' });
    const forbidden = await apiDouble(refusal(403, 'Forbidden', 'no watch for you'));
    expect(await watch(forbidden.cluster)).toEqual({ names: [], ending: 'forbidden' });
  });

  it('does not take an event cut in the middle for the end, whether the connection broke or ended', async () => {
    const half = line('ADDED', 'b').slice(0, 20);
    const ended = await streaming((response) => response.end(line('ADDED', 'a') + half));
    expect(await watch(ended.cluster)).toEqual({ names: ['ADDED a'], ending: 'unavailable' });
    const broken = await streaming((response) => response.write(line('ADDED', 'a') + half, () => response.destroy()));
    expect((await watch(broken.cluster)).ending).toBe('unavailable');
  });

  it('does not take a broken connection between two events for the end', async () => {
    const { events, response } = await begun();
    response.destroy();
    expect(await rejection(events.next())).toBe('unavailable');
  });

  it.each([
    ['that is no JSON', 'hello\n'],
    ['of an unknown type', line('EXPLODED', 'a')],
    ['without an object', '{"type":"ADDED"}\n'],
    ['that is a bookmark without a version', '{"type":"BOOKMARK","object":{}}\n'],
    ['that is an error without a code', '{"type":"ERROR","object":null}\n'],
  ])('never passes over an event %s', async (_title, text) => {
    const { cluster } = await streaming((response) => response.end(text));
    expect(await watch(cluster)).toEqual({ names: [], ending: 'unreadable' });
  });
});

describe('a silent watch', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  it('is given up after 70 seconds: a dead connection looks just like this', async () => {
    const { events } = await begun();
    const ending = rejection(events.next());
    await vi.advanceTimersByTimeAsync(69_999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await ending).toBe('timeout');
  });

  it('is not what a slow reader makes of a lively one: silence counts only while somebody listens', async () => {
    const { events, response } = await begun();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000_000);
    response.end(line('ADDED', 'b'));
    expect(await events.next()).toMatchObject({ value: { object: { metadata: { name: 'b' } } } });
  });

  it('may last longer than other requests may take', async () => {
    const { events, response } = await begun();
    const next = events.next();
    await vi.advanceTimersByTimeAsync(69_000);
    response.write(line('ADDED', 'b'));
    expect(await next).toMatchObject({ value: { object: { metadata: { name: 'b' } } } });
  });

  it('is given up sooner when not even its head arrives', async () => {
    const asked = Promise.withResolvers<void>();
    const { cluster } = await apiDouble(() => asked.resolve(), { requestTimeoutMs: 10_000 });
    const ending = watch(cluster);
    await asked.promise;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await ending).toEqual({ names: [], ending: 'timeout' });
  });
});

describe('a watch that nobody needs any more', () => {
  it('leaves no connection behind when it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const { events, connections } = await begun(abort.signal);
    const next = events.next();
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect.poll(connections).toBe(0);
  });

  it('leaves no connection behind when its reader has seen enough', async () => {
    const { events, connections } = await begun();
    await events.return?.();
    await expect.poll(connections).toBe(0);
  });

  it('sends nothing when it was aborted before it began', async () => {
    const double = await streaming((response) => response.end());
    await expect(watch(double.cluster, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(double.received).toEqual([]);
  });
});
