// The cluster over the REST API: one request per question (one per page of a list). Never waits, never retries.

import { DriverError, failedWith } from '../failure.ts';
import { isFields, jsonOf, objectOf, unreadable } from './answers.ts';
import type { Access, Cluster, ClusterIdentity } from './cluster.ts';
import { discovery } from './discovery.ts';
import { listKind } from './list.ts';
import { followLog } from './log.ts';
import { kinds } from './objects.ts';
import type { Kind, KubernetesObject } from './objects.ts';
import { collectionPath, objectPath } from './paths.ts';
import type { ApiRequest, Transport } from './transport.ts';
import { watchKind } from './watch.ts';

export interface RestOptions {
  readonly api: Transport;
  readonly identity: Omit<ClusterIdentity, 'version'>;
  readonly watchSilenceMs: number;
  readonly tunnel: Cluster['tunnel'];
}

export function restCluster({ api, identity, watchSilenceMs, tunnel }: RestOptions): Cluster {
  const discover = discovery(api);

  async function exchange(kind: Kind, request: ApiRequest): Promise<KubernetesObject> {
    const answer = await api.send(request);
    return objectOf(jsonOf(answer), kind, answer.attempted);
  }

  return {
    identity: async () => ({ ...identity, version: await versionOf(api) }),
    time: () => timeOf(api),
    get: async (reference) => unlessNotFound(exchange(reference.kind, { method: 'GET', path: objectPath(reference) })),
    list: (kind, options) => listKind(api, kind, options),
    watch: (kind, options) => watchKind(api, kind, { ...options, silenceMs: watchSilenceMs }),
    logs: async (reference, { container, tailLines, previous }) => {
      const query = { container, tailLines: String(tailLines), previous: previous === true ? 'true' : undefined };
      const answer = await api.send({ method: 'GET', path: `${objectPath(reference)}/log`, query, accept: '*/*' });
      return answer.text;
    },
    followLog: (place, options) => followLog(api, place, { ...options, silenceMs: watchSilenceMs }),
    allowed: (questions) => Promise.all(questions.map((question) => isAllowed(api, question))),
    discover,
    tunnel,
    create: (kind, object) => exchange(kind, { method: 'POST', path: collectionPath(kind, object.metadata.namespace), body: object }),
    replace: async (kind, object) => {
      const path = objectPath({ kind, ...object.metadata });
      // The API server takes an object without a version as "whatever is there now": never what is meant here.
      if (object.metadata.resourceVersion === undefined) throw new DriverError({ reason: 'conflict', attempted: `PUT ${path}`, detail: 'no resourceVersion' });
      return exchange(kind, { method: 'PUT', path, body: object });
    },
    patch: async (reference, patch) => {
      const request = { method: 'PATCH', path: objectPath(reference), body: patch, contentType: 'application/merge-patch+json' } as const;
      return exchange(reference.kind, request);
    },
    delete: async (reference, uid, resourceVersion) => {
      const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background' };
      await unlessNotFound(api.send({ method: 'DELETE', path: objectPath(reference), body }));
    },
    token: (account, expiresAfterMs) => tokenOf(api, `${objectPath({ kind: kinds.serviceAccount, ...account })}/token`, expiresAfterMs),
  };
}

/** Only the API server's own 404 gets here: any other page with that status is 'unreadable'. */
async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (failedWith(error, 'notFound')) return undefined;
    throw error;
  }
}

async function versionOf(api: Transport): Promise<string> {
  const answer = await api.send({ method: 'GET', path: '/version' });
  const { gitVersion } = jsonOf(answer);
  if (typeof gitVersion !== 'string') throw unreadable(answer.attempted, 'no gitVersion');
  return gitVersion;
}

async function timeOf(api: Transport): Promise<number> {
  const { headers, attempted } = await api.send({ method: 'GET', path: '/version' });
  const time = Date.parse(headers.date ?? '');
  if (Number.isNaN(time)) throw unreadable(attempted, 'no date');
  return time;
}

/** A question without a namespace is about all of them. Source: SelfSubjectAccessReview, ResourceAttributes. */
async function isAllowed(api: Transport, { verb, group, resource, namespace, name: object }: Access): Promise<boolean> {
  const [name, subresource] = resource.split('/');
  const resourceAttributes = { verb, group, resource: name, ...(subresource === undefined ? {} : { subresource }), ...(namespace === undefined ? {} : { namespace }), ...(object === undefined ? {} : { name: object }) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
  const answer = await api.send({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body });
  const { status } = jsonOf(answer);
  if (!isFields(status) || typeof status['allowed'] !== 'boolean') throw unreadable(answer.attempted, 'no verdict');
  return status['allowed'];
}

/** No server gives a token for less than ten minutes. Source: TokenRequestSpec, `expirationSeconds`. */
const shortestTokenMs = 600_000;

async function tokenOf(api: Transport, path: string, expiresAfterMs: number): Promise<string> {
  const expirationSeconds = Math.ceil(Math.max(shortestTokenMs, expiresAfterMs) / 1_000);
  const answer = await api.send({ method: 'POST', path, body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds } } });
  const { status } = jsonOf(answer);
  if (!isFields(status) || typeof status['token'] !== 'string' || status['token'] === '') throw unreadable(answer.attempted, 'no token');
  return status['token'];
}
