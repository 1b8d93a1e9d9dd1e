// A container's log while it is written: lines with their times. Ends or rejects; never begins anew.

import { unreadable } from './answers.ts';
import type { FollowLogOptions, LogLine } from './cluster.ts';
import { linesOf } from './lines.ts';
import { kinds } from './objects.ts';
import { objectPath } from './paths.ts';
import { attempted, type ApiRequest, type Transport } from './transport.ts';

export interface LogPlace {
  readonly namespace: string;
  readonly pod: string;
}

/** Source: Kubernetes API reference, "read log of the specified Pod". */
export async function* followLog(api: Transport, { namespace, pod }: LogPlace, options: FollowLogOptions & { readonly silenceMs: number }): AsyncGenerator<LogLine, void> {
  const { container, since, signal, silenceMs } = options;
  signal.throwIfAborted();
  // The API server hands the time on to the kubelet in whole seconds, whatever it is given.
  const sinceTime = since === undefined ? undefined : `${since.slice(0, 19)}Z`;
  const query = { container, follow: 'true', timestamps: 'true', sinceTime };
  const request: ApiRequest = { method: 'GET', path: `${objectPath({ kind: kinds.pod, name: pod, namespace })}/log`, query, accept: '*/*' };
  const response = await api.stream(request, signal);
  const what = `${attempted(request)} (follow)`;
  try {
    for await (const line of linesOf(response, what, silenceMs)) yield lineOf(line, what);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    response.destroy();
  }
}

/** `2026-11-21T10:45:12.123456789Z text`: RFC 3339 with up to nine digits, in UTC or with an offset. */
const stamped = /^(?<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?(?<text>.*)$/s;

function lineOf(line: string, what: string): LogLine {
  const { at, text } = stamped.exec(line)?.groups ?? {};
  if (at === undefined || text === undefined) throw unreadable(what, 'a line without its time');
  return { at, text };
}
