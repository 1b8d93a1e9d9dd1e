// All objects of one environment in the whole cluster, of every kind that discovery names, without what is different each time: so that
// two looks can be compared. It only reads.

import type { Connection } from '../../../cluster/connection.ts';
import { apiAsAdministrator } from '../../kubernetes/support/api.ts';

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly namespaced: boolean; readonly verbs: readonly string[] }[];
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

interface Item {
  readonly metadata: Metadata;
}

interface ItemList {
  readonly items?: readonly Item[];
}

/** Of a list, `metadata` is enough where the place tells whose the objects are. */
export type Get = (path: string, much?: 'whole' | 'metadata') => Promise<unknown>;

/** Everything of one kind. */
export interface Listing {
  readonly path: string;
  /** Not in namespaces. */
  readonly isClusterWide: boolean;
}

/**
 * What the control plane makes by itself, and takes away in its own time. The address of a Service whose creation was interrupted stays until
 * the API server's repair has found it, a minute later.
 */
const madeByItself = new Set(['events', 'endpointslices', 'endpoints', 'componentstatuses', 'ipaddresses']);

/** Written anew all the time; what they say is judged elsewhere. */
const restless = /^(control-plane\.alpha\.kubernetes\.io\/|deployment\.kubernetes\.io\/|kubectl\.kubernetes\.io\/)|live-since$|modifiedAt$|changeover\.dev\/(run|cancel|epoch)$/;

/** A kind that is gone meanwhile has no objects. Requests as the administrator. */
export function apiOf(connection: Connection): Get {
  const api = apiAsAdministrator(connection);
  const accept = { whole: 'application/json', metadata: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json' };
  return async (path, much = 'metadata') => {
    const { status, text } = await api({ method: 'GET', path, headers: { accept: accept[much] } });
    if (status !== 200 && status !== 404) throw new Error(`${path}: ${status}`);
    return JSON.parse(text) as unknown;
  };
}

/** Everything that can be listed, in its preferred version. */
export async function listable(get: Get): Promise<readonly Listing[]> {
  const { groups } = (await get('/apis')) as { readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[] };
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found = await Promise.all(roots.map(async (root) => ({ root, list: (await get(root)) as ResourceList })));
  return found.flatMap(({ root, list }) => {
    const kinds = list.resources.filter(({ name, verbs }) => verbs.includes('list') && !name.includes('/') && !madeByItself.has(name));
    return kinds.map(({ name, namespaced }) => ({ path: `${root}/${name}`, isClusterWide: !namespaced }));
  });
}

/** One line for each object: kind, name, labels and annotations, the same for every release and every run. Sorted. */
export async function objectsOf(environment: string, { get, listings }: { readonly get: Get; readonly listings: readonly Listing[] }): Promise<readonly string[]> {
  const lists = await Promise.all(listings.map(async ({ path, isClusterWide }) => ({ path, list: (await get(path, isClusterWide ? 'whole' : 'metadata')) as ItemList })));
  const lines = lists.flatMap(({ path, list }) => (list.items ?? []).filter((item) => isOf(environment, item)).map(({ metadata }) => lineOf(path, metadata, environment)));
  return lines.toSorted();
}

function isOf(environment: string, { metadata: { name, namespace = '' }, ...rest }: Item): boolean {
  return isNameOf(environment, name) || isNameOf(environment, namespace) || namespacesIn(rest).some((one) => isNameOf(environment, one));
}

/** `prod-2hpwr`, `changeover-prod`; not `production` of `prod`. */
export function isNameOf(environment: string, name: string): boolean {
  return new RegExp(`(^|[^a-z0-9])${environment}($|[^a-z0-9])`).test(name);
}

/** Wherever something that is in no namespace speaks of one: the claim of a volume, the Service of an address, the account of a binding. */
function namespacesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'namespace' && typeof inner === 'string' ? [inner] : namespacesIn(inner)));
}

function lineOf(path: string, { name, namespace, labels = {}, annotations = {}, deletionTimestamp }: Metadata, environment: string): string {
  const marks = Object.entries({ ...labels, ...annotations }).filter(([key]) => !restless.test(key)).map(([key, value]) => `${key}=${value}`);
  const place = `${path} ${namespace === undefined ? '' : `${namespace}/`}${path.endsWith('/pods') ? name.replace(/-[a-z0-9]{5}$/, '-POD') : name}`;
  const going = deletionTimestamp === undefined ? '' : ' (being deleted)';
  const hash = labels['pod-template-hash'] ?? 'no hash';
  return normal(`${place}${going} ${marks.toSorted().join(' ')}`.replaceAll(hash, 'HASH'), environment);
}

/** Lines of volumes, and how many claims there are for them. */
export function volumesIn(lines: readonly string[]): { readonly bound: readonly string[]; readonly claims: number } {
  return { bound: lines.filter((line) => line.startsWith('/api/v1/persistentvolumes ')), claims: lines.filter((line) => line.startsWith('/api/v1/persistentvolumeclaims ')).length };
}

/** Names of runs and releases are different each time: `RUN`, `RELEASE`. */
export function normal(text: string, environment: string): string {
  return text
    // First: a part of one may look like a run.
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\d{8}-\d{6}-[a-z0-9]{5}/g, 'RUN')
    // Of a load: the job's name, a hash of the run, the attempt.
    .replaceAll(/(?<=[a-z]-)[0-9a-f]{8}(?=-\d)/g, 'RUN')
    .replaceAll(new RegExp(`(?<![a-z0-9-])${environment}-[a-z0-9]{5}(?![a-z0-9])`, 'g'), 'RELEASE')
    .replaceAll(environment, 'ENVIRONMENT')
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
}

/** What one has and the other has not. Records of runs stay by design, so that of lines that are the same one stands for all. */
export function differences(clean: readonly string[], now: readonly string[]): readonly string[] {
  const [before, after] = [clean, now].map(counted) as [ReadonlyMap<string, number>, ReadonlyMap<string, number>];
  const more = [...after].filter(([line, count]) => count > (before.get(line) ?? 0)).map(([line]) => `left over: ${line}`);
  const less = [...before].filter(([line, count]) => count > (after.get(line) ?? 0)).map(([line]) => `missing: ${line}`);
  return [...more, ...less];
}

function counted(lines: readonly string[]): ReadonlyMap<string, number> {
  const isRecord = (line: string): boolean => line.includes('/configmaps') && line.includes('-RUN');
  return new Map([...Map.groupBy(lines, (line) => line)].map(([line, same]) => [line, isRecord(line) ? 1 : same.length]));
}
