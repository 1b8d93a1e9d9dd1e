// Helm, used to install, test and uninstall, never to judge: always without --wait.

import type { KubernetesObject } from '../cluster/objects.ts';

export type ChartSource =
  | { readonly path: string }
  | { readonly git: string; readonly ref: string; readonly path: string }
  | { readonly oci: string; readonly version: string; readonly digest?: string | undefined }
  | { readonly repository: string; readonly name: string; readonly version: string };

/** A chart that lies ready on the local disk. */
export interface LocalChart {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  /** What it was fetched from, for people: `./chart`, `oci://… 1.2.3@sha256:…`, `git … at 1a2b3c4`. */
  readonly origin: string;
  /** What no other content has: `commit <40 or 64 hex>` from git, else `sha256:<64 hex>` of the registry's manifest, the archive, or all files. */
  readonly identity: string;
  /** Of all its files, unpacked. */
  readonly bytes?: number;
}

/** Where exactly this content comes from, even after a branch has moved on. Of other sources only the identity tells whether it is the same. */
export function pinnedSource(source: ChartSource, identity: string | undefined): ChartSource {
  const commit = /^commit ([0-9a-f]{40,64})$/.exec(identity ?? '')?.[1];
  return 'git' in source && commit !== undefined ? { ...source, ref: commit } : source;
}

export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  /** `deployed`, `pending-install`, `failed`, `uninstalling`, … */
  readonly status: string;
  readonly revision: number;
}

export interface ReleaseRequest {
  readonly name: string;
  readonly namespace: string;
  readonly chart: LocalChart;
  /** Merged left to right, as Helm does with repeated -f. Handed over by standard input: in no argument, and in no file. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
  readonly signal: AbortSignal;
}

export interface HelmReader {
  /** `v4.2.3`. Rejects 'notInstalled' when there is no helm. */
  version(): Promise<string>;
  /** Fetches the chart to the local disk and checks it (digest, no links out of it). Rejects 'invalid'. */
  chart(source: ChartSource): Promise<LocalChart>;
  /** What an install would create, rendered on this machine. Rejects 'invalid' with Helm's own message. */
  render(request: ReleaseRequest): Promise<readonly KubernetesObject[]>;
  /** The release of this name in this namespace, or undefined when there is certainly none. */
  find(name: string, namespace: string): Promise<HelmRelease | undefined>;
  /** All releases in this namespace, in whatever state. */
  list(namespace: string): Promise<readonly HelmRelease[]>;
  /**
   * What the installed release contains, as rendered (`helm get manifest`): hooks are not among it, and an object
   * without a namespace lies in the release's or in none. Rejects 'notFound' when there is no such release.
   */
  manifest(name: string, namespace: string): Promise<readonly KubernetesObject[]>;
}

export interface Helm extends HelmReader {
  /** Resolves when Helm has created the objects; says nothing about their readiness. */
  install(request: ReleaseRequest): Promise<void>;
  /** Runs the chart's tests. Rejects 'invalid' with the failed test's name and log tail. */
  test(name: string, namespace: string, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void>;
  /** Removes the release; resolves also when it is not there. Does not wait for its objects to be gone. */
  uninstall(name: string, namespace: string, options: { readonly signal: AbortSignal }): Promise<void>;
}
