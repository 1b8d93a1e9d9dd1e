// One watch: lines of JSON from the API server as events. Ends or rejects; never begins anew.

import { DriverError } from '../failure.ts';
import { isFields, jsonOf, objectOf, reasonOf, unreadable } from './answers.ts';
import type { Fields } from './answers.ts';
import type { WatchEvent } from './cluster.ts';
import type { Kind } from './objects.ts';
import { collectionPath } from './paths.ts';
import { linesOf } from './lines.ts';
import { attempted } from './transport.ts';
import type { ApiRequest, Transport } from './transport.ts';

export interface WatchOptions {
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
  /** Bookmarks come about once a minute: a longer silence means that the connection is dead. */
  readonly silenceMs: number;
}

/** Source: Kubernetes API concepts, "Efficient detection of changes" and "Watch bookmarks". */
export async function* watchKind(api: Transport, kind: Kind, options: WatchOptions): AsyncGenerator<WatchEvent, void> {
  const { namespace, resourceVersion, signal, silenceMs } = options;
  signal.throwIfAborted();
  const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion };
  const request: ApiRequest = { method: 'GET', path: collectionPath(kind, namespace), query };
  const response = await api.stream(request, signal);
  const what = `${attempted(request)} (watch)`;
  try {
    for await (const line of linesOf(response, what, silenceMs)) yield eventOf(line, kind, what);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    response.destroy();
  }
}

function eventOf(line: string, kind: Kind, what: string): WatchEvent {
  const { type, object } = jsonOf({ attempted: what, text: line });
  if (type === 'ERROR') throw errorEvent(isFields(object) ? object : {}, what);
  if (type === 'BOOKMARK') return { type, resourceVersion: versionOf(object, what) };
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') throw unreadable(what, `an event of type ${String(type)}`);
  return { type, object: objectOf(object, kind, what) };
}

function versionOf(object: unknown, what: string): string {
  const metadata = isFields(object) ? object['metadata'] : undefined;
  const version = isFields(metadata) ? metadata['resourceVersion'] : undefined;
  if (typeof version !== 'string') throw unreadable(what, 'a bookmark without a resourceVersion');
  return version;
}

/** The event's object is a Status; a watch that is too old gets 410 here more often than as HTTP status. */
function errorEvent(status: Fields, what: string): DriverError {
  const code = Number(status['code']);
  const reason = Number.isFinite(code) ? reasonOf(code) : 'unreadable';
  return new DriverError({ reason, attempted: what, detail: `${String(status['code'])} ${String(status['message'] ?? status['reason'])}` });
}
