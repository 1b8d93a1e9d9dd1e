// The part of the Cloud DNS API that changeover uses, on loopback, with the documented semantics: atomic changes that must match
// exactly, pages, permissions. Sources: the REST reference of changes.create, resourceRecordSets.list, managedZones.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { listen } from '../support/loopback.ts';

export interface CloudRecordSet {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly rrdatas?: readonly string[];
  readonly routingPolicy?: unknown;
}

export interface CloudZoneData {
  readonly dnsName: string;
  readonly nameServers: readonly string[];
  sets: CloudRecordSet[];
}

export interface GoogleCloudDouble {
  readonly endpoint: string;
  readonly zones: Readonly<Record<string, CloudZoneData>>;
  readonly requests: { readonly method: string; readonly path: string; readonly authorization: string | undefined; readonly body: unknown }[];
  /** Answers the next request instead of the API. Nothing: the request is left without an answer. */
  interfere: (() => Interference | undefined) | undefined;
  close(): Promise<void>;
}

export type Interference = { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> } | 'silence' | 'cut';

/** Project `reader` may read and not write. Two record sets make a page. With `tls` it is served as in production: by https. */
export async function googleCloudDouble(zones: Record<string, CloudZoneData>, tls?: { readonly cert: string; readonly key: string }): Promise<GoogleCloudDouble> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => void handle(double, request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const { host, close } = await listen(server);
  const double: GoogleCloudDouble = { endpoint: `${tls === undefined ? 'http' : 'https'}://${host}`, zones, requests: [], interfere: undefined, close };
  return double;
}

async function handle(double: GoogleCloudDouble, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', double.endpoint);
  const text = (await request.toArray()).join('');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  double.requests.push({ method: request.method ?? '', path: url.pathname + url.search, authorization: request.headers.authorization, body });
  const interference = double.interfere?.();
  if (interference === 'silence') return;
  if (interference === 'cut') return void request.socket.destroy();
  const { status, body: answer, headers } = interference ?? answerTo(double, { method: request.method ?? '', url, body });
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(answer);
}

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

function answerTo({ zones }: GoogleCloudDouble, { method, url, body }: Asked): Exclude<Interference, string> {
  const [, project = '', id = '', rest = ''] = /^\/dns\/v1\/projects\/([^/]+)\/managedZones\/([^/:]+)(.*)$/.exec(url.pathname) ?? [];
  const zone = zones[id];
  // Asked about what does not exist, this method gives no permissions, and no error.
  if (rest === ':testIamPermissions') return ok({ permissions: granted(zone, project, body as PermissionsBody) });
  if (zone === undefined) return failed(404, 'notFound', `The 'parameters.managedZone' resource named '${id}' does not exist.`);
  if (method === 'GET' && rest === '') return ok({ id: '1', name: id, visibility: 'public', dnsName: zone.dnsName, nameServers: zone.nameServers });
  if (method === 'GET' && rest === '/rrsets') return page(zone, url.searchParams);
  if (method !== 'POST' || rest !== '/changes') return failed(404, 'notFound', 'Not found');
  if (project === 'reader') return failed(403, 'forbidden', 'Forbidden');
  return change(zone, body as ChangeBody);
}

interface PermissionsBody {
  readonly permissions: readonly string[];
}

function granted(zone: CloudZoneData | undefined, project: string, { permissions }: PermissionsBody): readonly string[] {
  if (zone === undefined) return [];
  return project === 'reader' ? permissions.filter((permission) => permission.endsWith('.list')) : permissions;
}

function page(zone: CloudZoneData, query: URLSearchParams): Exclude<Interference, string> {
  const from = Number(query.get('pageToken') ?? 0);
  const matching = zone.sets.filter(({ name, type }) => name === (query.get('name') ?? name) && type === (query.get('type') ?? type));
  const rrsets = matching.slice(from, from + 2).map((set) => ({ kind: 'dns#resourceRecordSet', signatureRrdatas: [], ...set }));
  return ok({ rrsets, ...(from + 2 < matching.length ? { nextPageToken: String(from + 2) } : {}) });
}

interface ChangeBody {
  readonly additions?: readonly CloudRecordSet[];
  readonly deletions?: readonly CloudRecordSet[];
}

/** Checks everything against a copy that is kept only when all of it fits: a change happens as a whole or not at all. */
function change(zone: CloudZoneData, { additions = [], deletions = [] }: ChangeBody): Exclude<Interference, string> {
  if (additions.length + deletions.length === 0) return failed(400, 'required', "The 'entity.change' parameter is required but was missing.");
  let sets = zone.sets;
  for (const [index, deletion] of deletions.entries()) {
    const held = sets.find((set) => sameKey(set, deletion));
    const entity = `'entity.change.deletions[${index}]'`;
    if (held === undefined) return failed(404, 'notFound', `The ${entity} resource named '${deletion.name} (${deletion.type})' does not exist.`);
    if (exact(held) !== exact(deletion)) return failed(412, 'conditionNotMet', `Precondition not met for ${entity}`);
    sets = sets.filter((set) => set !== held);
  }
  for (const [index, addition] of additions.entries()) {
    const entity = `'entity.change.additions[${index}]'`;
    if (sets.some((set) => sameKey(set, addition))) return failed(409, 'alreadyExists', `The resource ${entity} named '${addition.name} (${addition.type})' already exists`);
    const alias = sets.some(({ name, type }) => name === addition.name && (type === 'CNAME' || addition.type === 'CNAME'));
    if (alias) return failed(400, 'cnameResourceRecordSetConflict', `The resource record set ${entity} is invalid because a CNAME resource record set must be alone.`);
    sets = [...sets, addition];
  }
  zone.sets = sets;
  return ok({ id: '7', status: 'pending', additions, deletions });
}

function sameKey(left: CloudRecordSet, right: CloudRecordSet): boolean {
  return left.name === right.name && left.type === right.type;
}

function exact({ ttl, rrdatas = [] }: CloudRecordSet): string {
  return JSON.stringify([ttl, rrdatas.toSorted()]);
}

function ok(body: unknown): Exclude<Interference, string> {
  return { status: 200, body: JSON.stringify(body) };
}

function failed(code: number, reason: string, message: string): Exclude<Interference, string> {
  return { status: code, body: JSON.stringify({ error: { code, message, errors: [{ message, domain: 'global', reason }] } }) };
}
