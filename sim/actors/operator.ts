// An operator with kubectl, who means well: deletes pods, scales, edits labels, deletes a candidate, suspends its Jobs. What becomes
// of a release that he has touched is his.

import { kinds, type Kind, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { labels } from '../../src/plan/ownership.ts';
import { requestDeletion } from '../cluster/inside.ts';
import type { Production } from '../production.ts';
import { pick, releasesOf, type Actor, type Play } from './play.ts';

interface Deed {
  readonly what: string;
  /** Only to what does not serve: nobody in his right mind does it to the live release. */
  readonly toCandidate: boolean;
  readonly act: (release: string, production: Production) => unknown;
}

const deeds: readonly Deed[] = [
  { what: 'deletes the pods of', toCandidate: false, act: (release, { world }) => each(world, { kind: kinds.pod, release }, (pod) => requestDeletion(world.cluster.inside, kinds.pod, pod)) },
  { what: 'scales to zero, and back,', toCandidate: true, act: scaleDownAndUp },
  { what: 'takes our label off', toCandidate: true, act: (release, { world }) => world.cluster.patch({ kind: kinds.namespace, name: release }, { metadata: { labels: { [labels.environment]: null } } }) },
  { what: 'deletes the namespace', toCandidate: true, act: (release, { world }) => each(world, { kind: kinds.namespace }, (found) => found.metadata.name === release && requestDeletion(world.cluster.inside, kinds.namespace, found)) },
  { what: 'suspends the Jobs of', toCandidate: true, act: (release, { world }) => each(world, { kind: kinds.job, release }, ({ metadata }) => world.cluster.patch({ kind: kinds.job, namespace: release, name: metadata.name }, { spec: { suspend: true } })) },
  { what: 'deletes the Jobs of', toCandidate: true, act: (release, { world }) => each(world, { kind: kinds.job, release }, (job) => requestDeletion(world.cluster.inside, kinds.job, job)) },
];

export const operator: Actor = (play) => {
  const deed = pick(play.random, deeds);
  if (deed !== undefined) play.sometime(() => doIt(deed, play));
};

function doIt({ what, toCandidate, act }: Deed, { stage, random, note }: Play): void {
  const { production } = stage;
  const { live, others } = releasesOf(stage);
  const release = pick(random, toCandidate || live === undefined ? others : [live, ...others]);
  if (release === undefined) return;
  production.others.noteDisturbance(release);
  note(`an operator ${what} ${release}`);
  act(release, production);
}

type World = Production['world'];

function each({ cluster: { inside } }: World, { kind, release }: { readonly kind: Kind; readonly release?: string }, act: (object: KubernetesObject) => unknown): void {
  for (const object of inside.store.all(kind, release)) act(object);
}

function scaleDownAndUp(release: string, { world }: Production): void {
  const reference = { kind: kinds.deployment, namespace: release, name: 'web' };
  const scale = async (replicas: number): Promise<void> => {
    if ((await world.cluster.get(reference)) !== undefined) await world.cluster.patch(reference, { spec: { replicas } });
  };
  void scale(0);
  world.clock.after(20_000, () => void scale(1));
}
