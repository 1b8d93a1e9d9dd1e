// A complete list, page by page: all pages of one moment, or an error. Never a part.

import { failedWith } from '../failure.ts';
import { isFields, jsonOf, objectOf, unreadable } from './answers.ts';
import type { ObjectList } from './cluster.ts';
import type { Kind, KubernetesObject } from './objects.ts';
import { collectionPath } from './paths.ts';
import type { Transport } from './transport.ts';

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

const pageSize = '500';

/**
 * Pages of one moment, which the server keeps for some minutes; when they are gone before the last was fetched, all of it at once.
 * Source: Kubernetes API concepts, "Retrieving large results sets in chunks".
 */
export async function listKind(api: Transport, kind: Kind, options: ListOptions): Promise<ObjectList> {
  try {
    return await listPages(api, kind, { ...options, limit: pageSize });
  } catch (error) {
    if (!failedWith(error, 'gone')) throw error;
    return listPages(api, kind, options);
  }
}

async function listPages(api: Transport, kind: Kind, { namespace, ...query }: ListOptions & { readonly limit?: string }): Promise<ObjectList> {
  const path = collectionPath(kind, namespace);
  const items: KubernetesObject[] = [];
  let token: string | undefined;
  for (;;) {
    const answer = await api.send({ method: 'GET', path, query: { ...query, continue: token } });
    const page = pageOf(jsonOf(answer), answer.attempted);
    for (const item of page.items) items.push(objectOf(item, kind, answer.attempted));
    if (page.next === undefined) return { items, resourceVersion: page.resourceVersion };
    if (page.next === token) throw unreadable(answer.attempted, 'the same page again and again');
    token = page.next;
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly next: string | undefined;
}

function pageOf(body: Readonly<Record<string, unknown>>, attempted: string): Page {
  const { items, metadata } = body;
  const version = isFields(metadata) ? metadata['resourceVersion'] : undefined;
  // An empty Go slice may be sent as null; a list without the key is something else, and not an empty list.
  const list = items === null ? [] : items;
  if (!Array.isArray(list) || typeof version !== 'string') throw unreadable(attempted, 'not a list');
  const next = isFields(metadata) ? metadata['continue'] : undefined;
  return { items: list, resourceVersion: version, next: typeof next === 'string' && next !== '' ? next : undefined };
}
