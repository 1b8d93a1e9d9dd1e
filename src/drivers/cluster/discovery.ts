// Which kinds the server has: their paths and scopes, asked once per process. Never guesses a plural.

import { DriverError } from '../failure.ts';
import { isFields, jsonOf, unreadable } from './answers.ts';
import type { Answer, Fields } from './answers.ts';
import type { Kind } from './objects.ts';
import { groupPath } from './paths.ts';
import type { Transport } from './transport.ts';

export type Discover = (apiVersion: string, kind: string) => Promise<Kind | undefined>;

interface Catalogue {
  readonly kinds: readonly Kind[];
  /** `metrics.k8s.io/v1beta1`: its own API server did not answer, so what it has is not known. */
  readonly unknown: readonly string[];
}

/** A kind that is not in the catalogue is asked for again, since a chart may have brought it meanwhile. */
export function discovery(api: Transport): Discover {
  let known: Promise<Catalogue> | undefined;
  return async (apiVersion, kind) => {
    const find = (catalogue: Catalogue | undefined): Kind | undefined =>
      catalogue?.kinds.find((candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind);
    const earlier = known;
    const found = find(await earlier?.catch(() => undefined));
    if (found !== undefined) return found;
    // Several questions at once share one answer, if it was asked for after they were put.
    if (known === earlier) known = ask(api);
    const catalogue = await known;
    if (find(catalogue) === undefined && catalogue?.unknown.includes(apiVersion)) throw notKnown(apiVersion, kind);
    return find(catalogue);
  };
}

function notKnown(apiVersion: string, kind: string): DriverError {
  const attempted = `discover ${kind} of ${apiVersion}`;
  return new DriverError({ reason: 'unavailable', attempted, detail: 'the API server of this group does not answer' });
}

/** Source: Kubernetes API concepts, "Aggregated discovery" (since 1.27). */
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;q=0.9';

async function ask(api: Transport): Promise<Catalogue> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => api.send({ method: 'GET', path, accept: aggregated })));
  if (answers.every(isAggregated)) return merge(answers.map(catalogueOf));
  return merge(await Promise.all(answers.flatMap(plainVersionsOf).map((apiVersion) => askGroup(api, apiVersion))));
}

/** Older servers ignore what they do not know and send their plain listing. */
function isAggregated({ headers }: Answer): boolean {
  return headers['content-type']?.includes('APIGroupDiscoveryList') ?? false;
}

function merge(catalogues: readonly Catalogue[]): Catalogue {
  return { kinds: catalogues.flatMap(({ kinds }) => kinds), unknown: catalogues.flatMap(({ unknown }) => unknown) };
}

function catalogueOf(answer: Answer): Catalogue {
  const groups = listOf(jsonOf(answer), 'items', answer);
  return merge(groups.flatMap((group) => listOf(group, 'versions', answer).map((version) => versionOf(group, version, answer))));
}

function versionOf(group: Fields, version: Fields, answer: Answer): Catalogue {
  const name = isFields(group['metadata']) ? group['metadata']['name'] : undefined;
  const apiVersion = typeof name === 'string' && name !== '' ? `${name}/${String(version['version'])}` : String(version['version']);
  const resources = version['resources'] === undefined ? [] : listOf(version, 'resources', answer);
  const kinds = resources.flatMap(({ responseKind, resource: plural, scope }) => {
    if (!isFields(responseKind) || typeof plural !== 'string') return [];
    return [{ apiVersion, kind: String(responseKind['kind']), plural, namespaced: scope === 'Namespaced' }];
  });
  return { kinds, unknown: version['freshness'] === 'Stale' ? [apiVersion] : [] };
}

/** `v1` of an APIVersions, `apps/v1` of an APIGroupList. */
function plainVersionsOf(answer: Answer): readonly string[] {
  const body = jsonOf(answer);
  if (Array.isArray(body['versions'])) return body['versions'].map(String);
  const groups = listOf(body, 'groups', answer);
  return groups.flatMap((group) => listOf(group, 'versions', answer).map(({ groupVersion }) => String(groupVersion)));
}

async function askGroup(api: Transport, apiVersion: string): Promise<Catalogue> {
  try {
    const answer = await api.send({ method: 'GET', path: groupPath(apiVersion) });
    const kinds = listOf(jsonOf(answer), 'resources', answer).flatMap(({ name: plural, kind, namespaced }) => {
      // `pods/log` and its like are subresources, and some of them carry the kind of their parent.
      if (typeof plural !== 'string' || plural.includes('/')) return [];
      return [{ apiVersion, kind: String(kind), plural, namespaced: namespaced === true }];
    });
    return { kinds, unknown: [] };
  } catch {
    // One broken extension must not hide the rest; asked for its own kinds, `discover` will say so.
    return { kinds: [], unknown: [apiVersion] };
  }
}

function listOf(value: Fields, key: string, { attempted }: Answer): readonly Fields[] {
  const list = value[key];
  if (!Array.isArray(list)) throw unreadable(attempted, `${key} is not a list`);
  return list.filter(isFields);
}
