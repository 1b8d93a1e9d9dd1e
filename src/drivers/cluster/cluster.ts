// The cluster as changeover needs it: read, watch, write and delete objects. Answers once: never waits, never retries.

import type { Duplex } from 'node:stream';
import type { Kind, KubernetesObject, ObjectReference } from './objects.ts';

export interface ClusterIdentity {
  /** Name of the kubeconfig context in use, or undefined inside a pod. */
  readonly context: string | undefined;
  /** Name of the cluster in the kubeconfig, or undefined inside a pod. */
  readonly cluster: string | undefined;
  readonly server: string;
  /** `v1.35.4` */
  readonly version: string;
}

export interface ObjectList {
  readonly items: readonly KubernetesObject[];
  /** Where a watch continues. */
  readonly resourceVersion: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubernetesObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface Access {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
  /** One object's name; without it the question is about all of them. */
  readonly name?: string;
}

/** Where the API server is, for programs that are given it instead of a kubeconfig. Holds no credentials. */
export interface ApiEndpoint {
  readonly server: string;
  /** Path of the authority's certificate, or the certificate itself (PEM); neither: what the system trusts. */
  readonly authority: { readonly file: string } | { readonly pem: string } | undefined;
  /** Name in the server's certificate, where it is another than the address. */
  readonly tlsServerName: string | undefined;
  readonly skipTlsVerify: boolean;
  readonly proxyUrl: string | undefined;
}

export interface LogOptions {
  readonly container?: string;
  readonly tailLines: number;
  /** Of the container that ran before the present one. */
  readonly previous?: boolean;
}

export interface FollowLogOptions {
  readonly container: string;
  /** `at` of a line: from its second on, so that lines of that second come again. Default: from the beginning. */
  readonly since?: string | undefined;
  readonly signal: AbortSignal;
}

export interface LogLine {
  /** RFC 3339, up to nanoseconds, as its node stamped it. Rises from line to line; two lines may have the same. */
  readonly at: string;
  readonly text: string;
}

/** What planning and looking may use. Every method rejects with a DriverError; absence is 'notFound', never an empty answer. */
export interface ClusterReader {
  identity(): Promise<ClusterIdentity>;
  /** By the server's own clock, cut to the second, in milliseconds since 1970 (HTTP header Date, RFC 9110 section 6.6.1). */
  time(): Promise<number>;
  /** The object, or undefined when the server says 404. */
  get(reference: ObjectReference): Promise<KubernetesObject | undefined>;
  /** A complete list (all pages). `namespace` omitted means all namespaces. */
  list(kind: Kind, options: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string }): Promise<ObjectList>;
  /**
   * Changes after `resourceVersion`, with bookmarks. Ends when the server closes it; rejects 'gone' (HTTP 410 or an
   * ERROR event with code 410), 'timeout' after 70 s of silence, 'unavailable' when it is cut, and with the signal's
   * reason when that aborts. Never restarts itself.
   */
  watch(kind: Kind, options: { readonly namespace: string; readonly resourceVersion: string; readonly signal: AbortSignal }): AsyncIterable<WatchEvent>;
  /** Last lines of a container's log. */
  logs(reference: ObjectReference, options: LogOptions): Promise<string>;
  /**
   * A container's log from its beginning, and on while it is written. Ends when the container has ended, or the server
   * closes it; rejects 'invalid' while the container has not started, 'timeout' after 70 s without a line,
   * 'unavailable' when it is cut, and with the signal's reason when that aborts. Never restarts itself.
   */
  followLog(pod: { readonly namespace: string; readonly pod: string }, options: FollowLogOptions): AsyncIterable<LogLine>;
  /** For each question, whether this account may do it (SelfSubjectAccessReview; writes nothing). */
  allowed(questions: readonly Access[]): Promise<readonly boolean[]>;
  /** The kind's path and scope by API discovery, or undefined when the server has no such kind. */
  discover(apiVersion: string, kind: string): Promise<Kind | undefined>;
  /** A byte stream to a pod's port through the API server (port-forward). */
  tunnel(namespace: string, pod: string, port: number): Promise<Duplex>;
}

export interface Cluster extends ClusterReader {
  /** Rejects 'conflict' when it exists already. Returns what the server stored. */
  create(kind: Kind, object: KubernetesObject): Promise<KubernetesObject>;
  /** Compare-and-swap: rejects 'conflict' unless `metadata.resourceVersion` is the present one. */
  replace(kind: Kind, object: KubernetesObject): Promise<KubernetesObject>;
  /** JSON merge patch (RFC 7386); null removes. With `metadata.uid` in it, rejects 'conflict' when another object has the name now. */
  patch(reference: ObjectReference, patch: Readonly<Record<string, unknown>>): Promise<KubernetesObject>;
  /**
   * Asks for deletion (background propagation) of exactly this uid; resolves when accepted, or when nothing has the
   * name any more. Rejects 'conflict' when another object has it now, or, with `resourceVersion`, when it was written on since.
   * Source: DeleteOptions, `preconditions`.
   */
  delete(reference: ObjectReference, uid: string, resourceVersion?: string): Promise<void>;
  /** A short-lived token of a ServiceAccount (TokenRequest): a secret. Rejects 'notFound' when there is no such account. */
  token(account: { readonly namespace: string; readonly name: string }, expiresAfterMs: number): Promise<string>;
}
