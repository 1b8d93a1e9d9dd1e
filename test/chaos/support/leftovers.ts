// All objects of one environment in the whole cluster, of every kind that discovery names, without what is different each time: so that
// two looks can be compared. It only reads.

import https from 'node:https';
import type { Connection } from '../../../cluster/connection.ts';
import { credentialsIn } from './identities.ts';

interface ResourceList {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
}

interface MetadataList {
  readonly items?: readonly { readonly metadata: Metadata }[];
}

export type Get = (path: string) => Promise<unknown>;

/** What the control plane makes by itself, and takes away in its own time. */
const madeByItself = new Set(['events', 'endpointslices', 'endpoints', 'componentstatuses']);

/** Written anew all the time; what they say is judged elsewhere. */
const restless = /^(control-plane\.alpha\.kubernetes\.io\/|deployment\.kubernetes\.io\/|kubectl\.kubernetes\.io\/)|live-since$|modifiedAt$|changeover\.dev\/(run|cancel|epoch)$/;

/** A kind that is gone meanwhile has no objects. Requests as the administrator, over a few connections that stay open. */
export function apiOf({ apiServer, kubeconfig }: Connection): Get {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 4, ...credentialsIn(kubeconfig) });
  const headers = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json' };
  return (path) =>
    new Promise((resolve, reject) => {
      const request = https.get(new URL(path, apiServer), { agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => (response.statusCode === 200 || response.statusCode === 404 ? resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))) : reject(new Error(`${path}: ${response.statusCode}`))));
        response.on('error', reject);
      });
      request.on('error', reject);
    });
}

/** Paths of everything that can be listed, in its preferred version. */
export async function listable(get: Get): Promise<readonly string[]> {
  const { groups } = (await get('/apis')) as { readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[] };
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found = await Promise.all(roots.map(async (root) => ({ root, list: (await get(root)) as ResourceList })));
  return found.flatMap(({ root, list }) => list.resources.filter(({ name, verbs }) => verbs.includes('list') && !name.includes('/') && !madeByItself.has(name)).map(({ name }) => `${root}/${name}`));
}

/** One line for each object: kind, name, labels and annotations, the same for every release and every run. Sorted. */
export async function objectsOf(environment: string, { get, paths }: { readonly get: Get; readonly paths: readonly string[] }): Promise<readonly string[]> {
  const lists = await Promise.all(paths.map(async (path) => ({ path, list: (await get(path)) as MetadataList })));
  const lines = lists.flatMap(({ path, list }) => (list.items ?? []).filter(({ metadata }) => isOf(environment, metadata)).map(({ metadata }) => lineOf(path, metadata, environment)));
  return lines.toSorted();
}

function isOf(environment: string, { name, namespace = '' }: Metadata): boolean {
  const own = new RegExp(`(^|[^a-z0-9])${environment}($|[^a-z0-9])`);
  return own.test(name) || own.test(namespace);
}

function lineOf(path: string, { name, namespace, labels = {}, annotations = {}, deletionTimestamp }: Metadata, environment: string): string {
  const marks = Object.entries({ ...labels, ...annotations }).filter(([key]) => !restless.test(key)).map(([key, value]) => `${key}=${value}`);
  const place = `${path} ${namespace === undefined ? '' : `${namespace}/`}${path.endsWith('/pods') ? name.replace(/-[a-z0-9]{5}$/, '-POD') : name}`;
  const going = deletionTimestamp === undefined ? '' : ' (being deleted)';
  const hash = labels['pod-template-hash'] ?? 'no hash';
  return normal(`${place}${going} ${marks.toSorted().join(' ')}`.replaceAll(hash, 'HASH'), environment);
}

/** Names of runs and releases are different each time: `RUN`, `RELEASE`. */
export function normal(text: string, environment: string): string {
  return text
    .replaceAll(/\d{8}-\d{6}-[a-z0-9]{5}/g, 'RUN')
    // Of a load: the job's name, a hash of the run, the attempt.
    .replaceAll(/(?<=[a-z]-)[0-9a-f]{8}(?=-\d)/g, 'RUN')
    .replaceAll(new RegExp(`(?<![a-z0-9-])${environment}-[a-z0-9]{5}(?![a-z0-9])`, 'g'), 'RELEASE')
    .replaceAll(environment, 'ENVIRONMENT')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
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
