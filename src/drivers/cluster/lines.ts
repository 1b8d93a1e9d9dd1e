// An answer that comes line by line, for as long as it takes: a watch, a log. Never waits for a silent server for ever.

import type { IncomingMessage } from 'node:http';
import { DriverError } from '../failure.ts';

/** Complete lines. A last line without its end is a connection that was cut, even when it looks like JSON. */
export async function* linesOf(response: IncomingMessage, what: string, silenceMs: number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const chunks = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let rest = '';
  for (;;) {
    const chunk = await nextWithin(silenceMs, { response, chunks, what });
    if (chunk === undefined) break;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') throw new DriverError({ reason: 'unavailable', attempted: what, detail: 'cut in the middle of a line' });
}

interface Source {
  readonly response: IncomingMessage;
  readonly chunks: AsyncIterator<Buffer, unknown>;
  readonly what: string;
}

/** Counts silence only while somebody listens: a slow reader is not a silent server. */
async function nextWithin(silenceMs: number, { response, chunks, what }: Source): Promise<Buffer | undefined> {
  const silent = new DriverError({ reason: 'timeout', attempted: what, detail: `nothing heard for ${silenceMs / 1_000} s` });
  const timer = setTimeout(() => response.destroy(silent), silenceMs);
  try {
    const next = await chunks.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    if (error === silent) throw silent;
    throw new DriverError({ reason: 'unavailable', attempted: what, detail: `cut: ${error instanceof Error ? error.message : String(error)}` });
  } finally {
    clearTimeout(timer);
  }
}
