// How changeover marks what is its own. Names and prefixes alone prove nothing: the label decides, the uid confirms.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { isEpoch } from '../run/epoch.ts';

export const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  environment: 'changeover.dev/environment',
} as const;

export const annotations = {
  /** Run that created the release. */
  run: 'changeover.dev/run',
  state: 'changeover.dev/state',
  /** Of the lease under which something was last written on it: no runner with a lower one may write here. */
  epoch: 'changeover.dev/epoch',
  /** When it last became live, ISO 8601: the newest previous release is the one that a rollback returns to. */
  liveSince: 'changeover.dev/live-since',
  /** Helm's name of the release, where it is another than the namespace's: only of adopted ones. */
  helmRelease: 'changeover.dev/helm-release',
  /** Taken over, not created: when, and what adopting has replaced, as JSON. */
  adopted: 'changeover.dev/adopted',
} as const;

export const manager = 'changeover';

/** candidate: never served the public; live: the names point to it; previous: they did once; retiring: it may be half removed. */
export type ReleaseState = 'candidate' | 'live' | 'previous' | 'retiring';

export interface OwnedNamespace {
  readonly name: string;
  readonly uid: string;
  readonly state: ReleaseState;
  readonly run: string | undefined;
  /** Of whoever wrote on it last; 0: unknown. */
  readonly epoch: number;
  readonly liveSince: string | undefined;
  readonly createdAt: string | undefined;
  readonly deleting: boolean;
  /** As Helm knows it. */
  readonly helmRelease: string;
}

export function environmentSelector(environment: string): string {
  return `${labels.managedBy}=${manager},${labels.environment}=${environment}`;
}

/** The namespace as a release of this environment, or undefined when it is not ours. */
export function ownedNamespace(namespace: KubernetesObject, environment: string): OwnedNamespace | undefined {
  const { metadata } = namespace;
  const marks = metadata.labels ?? {};
  if (marks[labels.managedBy] !== manager || marks[labels.environment] !== environment || metadata.uid === undefined) return undefined;
  return {
    name: metadata.name,
    uid: metadata.uid,
    state: stateOf(metadata.annotations?.[annotations.state]),
    run: metadata.annotations?.[annotations.run],
    epoch: epochOf(namespace),
    liveSince: metadata.annotations?.[annotations.liveSince],
    createdAt: metadata.creationTimestamp,
    deleting: metadata.deletionTimestamp !== undefined,
    helmRelease: metadata.annotations?.[annotations.helmRelease] ?? metadata.name,
  };
}

/** A mark that cannot be read must not make a release look like something that may be cleaned up. */
function stateOf(mark: string | undefined): ReleaseState {
  return mark === 'candidate' || mark === 'live' || mark === 'retiring' ? mark : 'previous';
}

/** 0 where none can be read: then nothing is known to be later. */
export function epochOf({ metadata }: Pick<KubernetesObject, 'metadata'>): number {
  const epoch = Number(metadata.annotations?.[annotations.epoch]);
  return isEpoch(epoch) ? epoch : 0;
}

export function namespaceOf(release: string, options: { readonly environment: string; readonly run: string; readonly epoch?: number }): KubernetesObject {
  const epoch = options.epoch === undefined ? {} : { [annotations.epoch]: String(options.epoch) };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: release,
      labels: { [labels.managedBy]: manager, [labels.environment]: options.environment },
      annotations: { [annotations.run]: options.run, [annotations.state]: 'candidate' satisfies ReleaseState, ...epoch },
    },
  };
}
