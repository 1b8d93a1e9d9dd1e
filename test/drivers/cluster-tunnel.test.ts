// A tunnel as a byte stream, over a forwarder that does what a test says.

import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ForwardSocket, ForwardStreams } from '../../src/drivers/cluster/tunnel.ts';
import { openTunnel } from '../../src/drivers/cluster/tunnel.ts';
import { rejection } from '../contracts/cluster-objects.ts';

interface Opened {
  readonly stream: Duplex;
  readonly streams: ForwardStreams;
  readonly socket: ForwardSocket & { closed: number; onclose: () => void };
}

async function open(): Promise<Opened> {
  const socket = { closed: 0, onclose: () => undefined, close: () => void (socket.closed += 1) };
  const { promise, resolve } = Promise.withResolvers<ForwardStreams>();
  const forward = async (streams: ForwardStreams): Promise<ForwardSocket> => {
    resolve(streams);
    return socket;
  };
  const stream = await openTunnel({ attempted: 'port-forward', timeoutMs: 1_000, forward });
  return { stream, streams: await promise, socket };
}

function refusedWith(message: string): Promise<unknown> {
  const forward = (): Promise<never> => Promise.reject(Object.assign(new Error(message)));
  return openTunnel({ attempted: 'port-forward', timeoutMs: 1_000, forward });
}

describe('a tunnel', () => {
  it('carries bytes both ways', async () => {
    const { stream, streams } = await open();
    stream.write('question');
    expect(String((await once(streams.input, 'data'))[0])).toBe('question');
    streams.output.write('answer');
    expect(String((await once(stream, 'data'))[0])).toBe('answer');
  });

  it('ends when the pod closes the connection, after its last byte', async () => {
    const { stream, streams, socket } = await open();
    streams.output.write('last');
    socket.onclose();
    const chunks: string[] = [];
    for await (const chunk of stream) chunks.push(String(chunk));
    expect(chunks).toEqual(['last']);
  });

  it('closes its socket when it is no longer needed', async () => {
    const { stream, socket } = await open();
    stream.destroy();
    expect(socket.closed).toBe(1);
  });

  it('closes its socket when its user has ended it, even if the pod keeps its end open', async () => {
    const { stream, socket } = await open();
    stream.end('last question');
    await once(stream, 'finish');
    expect(socket.closed).toBe(1);
  });

  it('fails with the node’s own words when nothing listens on the port', async () => {
    const { stream, streams, socket } = await open();
    const failed = once(stream, 'error');
    streams.errors.write('dial tcp4 127.0.0.1:9: connect: connection refused\n');
    expect((await failed)[0]).toMatchObject({ reason: 'unavailable', detail: 'dial tcp4 127.0.0.1:9: connect: connection refused' });
    expect(socket.closed).toBe(1);
  });

  it.each([
    ['Unexpected server response: 404', 'notFound'],
    ['Unexpected server response: 403', 'forbidden'],
    ['Unexpected server response: 502', 'unavailable'],
    ['connect ECONNREFUSED 127.0.0.1:6443', 'unavailable'],
  ])('that is refused with "%s" is %s', async (message, reason) => {
    expect(await rejection(refusedWith(message))).toBe(reason);
  });

  it('that does not open in time is a timeout, and is closed when it opens after all', async () => {
    let closed = 0;
    const { promise, resolve } = Promise.withResolvers<ForwardSocket>();
    expect(await rejection(openTunnel({ attempted: 'port-forward', timeoutMs: 5, forward: () => promise }))).toBe('timeout');
    resolve({ onclose: undefined, close: () => void (closed += 1) });
    await promise;
    expect(closed).toBe(1);
  });
});
