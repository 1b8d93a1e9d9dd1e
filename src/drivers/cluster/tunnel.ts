// One port-forward as a byte stream. Knows the shape of the library's forwarder, not the library.

import { Duplex, PassThrough } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { DriverError } from '../failure.ts';
import { reasonOf } from './answers.ts';

/** The part of a WebSocket that a tunnel needs. */
export interface ForwardSocket {
  onclose: unknown;
  close(): void;
}

/** The library types what it returns by a package that it does not bring along. */
export function isForwardSocket(value: unknown): value is ForwardSocket {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}

export interface ForwardStreams {
  readonly output: Writable;
  readonly errors: Writable;
  readonly input: Readable;
}

export interface TunnelOptions {
  /** `POST /api/v1/…/portforward`, for messages. */
  readonly attempted: string;
  readonly timeoutMs: number;
  /** Resolves once the socket is open. */
  readonly forward: (streams: ForwardStreams) => Promise<ForwardSocket>;
}

/** Whether something listens on the pod's port is known only later: then the stream fails with 'unavailable'. Ending it closes both ways. */
export async function openTunnel({ attempted, timeoutMs, forward }: TunnelOptions): Promise<Duplex> {
  const streams = { output: new PassThrough(), errors: new PassThrough(), input: new PassThrough() };
  const opening = forward(streams);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new DriverError({ reason: 'timeout', attempted, detail: `not open within ${timeoutMs / 1_000} s` }));
    void opening.then((socket) => socket.close(), () => undefined);
  }, timeoutMs);
  try {
    return duplexOf(await Promise.race([opening, late.promise]), streams, attempted);
  } catch (error) {
    throw error instanceof DriverError ? error : refused(error, attempted);
  } finally {
    clearTimeout(timer);
  }
}

function duplexOf(socket: ForwardSocket, streams: { readonly output: PassThrough; readonly errors: PassThrough; readonly input: PassThrough }, attempted: string): Duplex {
  const duplex = new Duplex({
    // What arrives is pushed as it comes: answers are small, and their reader has a limit of its own.
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => void streams.input.write(chunk, done),
    // The protocol cannot close one way only, and whoever has ended a request has had its answer.
    final: (done) => {
      socket.close();
      done();
    },
    destroy: (error, done) => {
      socket.close();
      done(error);
    },
  });
  streams.output.on('data', (chunk: Buffer) => duplex.push(chunk));
  streams.errors.on('data', (chunk: Buffer) => {
    duplex.destroy(new DriverError({ reason: 'unavailable', attempted, detail: chunk.toString('utf8').trim() }));
  });
  socket.onclose = () => {
    if (!duplex.destroyed) duplex.push(null);
  };
  return duplex;
}

/** The WebSocket library tells the HTTP status of a refused upgrade in its message only. */
function refused(error: unknown, attempted: string): DriverError {
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const status = /Unexpected server response: (\d{3})/.exec(message)?.[1];
  return new DriverError({ reason: status === undefined ? 'unavailable' : reasonOf(Number(status)), attempted, detail: message });
}
