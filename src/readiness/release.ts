// One judgement over everything that a release contains, from what was seen at one moment. Pure: knows no clock, asks nobody.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { mayStayUnready, membersOf, type Expectations } from './members.ts';
import type { Node, Pod } from './pod-shapes.ts';
import type { EndpointSlice, Event, Job } from './shapes.ts';
import { groupKind, judgeObject } from './table.ts';
import { ready, unknown, waiting, type Opinion, type Surroundings, type Verdict } from './verdict.ts';

export interface Judgement {
  /** Everything is ready at once. */
  readonly ready: boolean;
  /** The one with the cause first. */
  readonly failed: readonly Verdict[];
  readonly waiting: readonly Verdict[];
  /** Not decidable by any rule: waiting will hardly help. */
  readonly unknown: readonly Verdict[];
  /** Not ready, and the configuration says that they need not be. */
  readonly excused: readonly Verdict[];
}

export interface Seen {
  readonly objects: readonly KubernetesObject[];
  /** Undefined while it is not known which nodes there are. */
  readonly nodes: readonly Node[] | undefined;
}

export function judgeRelease(seen: Seen, expected: Expectations): Judgement {
  const members = membersOf(seen.objects, expected);
  const surroundings = surroundingsOf(seen, members.present);
  const present = members.present.map((object) => ({ object, opinion: judgeObject(object, surroundings) }));
  const absent = members.missing.map((object) => ({ object, opinion: missingOpinion(object) }));
  const unseen = members.outOfSight.map((object) => ({ object, opinion: unknown('it lies outside the release’s namespace: nobody looks at it') }));
  const all = [...present, ...absent, ...unseen].filter(({ opinion }) => opinion.state !== 'ready');
  const excused = all.filter(({ object }) => members.excused.has(object.metadata.uid ?? '') || mayStayUnready(object, expected));
  const strict = all.filter((one) => !excused.includes(one)).map(toVerdict);
  return {
    ready: strict.length === 0,
    failed: strict.filter(({ state }) => state === 'failed').toSorted((one, other) => distance(one) - distance(other)),
    waiting: strict.filter(({ state }) => state === 'waiting'),
    unknown: strict.filter(({ state }) => state === 'unknown'),
    excused: excused.map(toVerdict),
  };
}

function surroundingsOf({ objects, nodes }: Seen, members: readonly KubernetesObject[]): Surroundings {
  return {
    pods: members.filter((object) => groupKind(object) === 'Pod') as readonly Pod[],
    endpointSlices: objects.filter((object) => groupKind(object) === 'EndpointSlice.discovery.k8s.io') as readonly EndpointSlice[],
    events: objects.filter((object) => groupKind(object) === 'Event') as readonly Event[],
    nodes,
  };
}

/** Helm had created it: a finished Job that cleans itself up is not one that never came. */
function missingOpinion(object: KubernetesObject): Opinion {
  const cleansUp = groupKind(object) === 'Job.batch' && (object as Job).spec?.ttlSecondsAfterFinished !== undefined;
  return cleansUp ? ready('it has ended and removed itself') : waiting('not created yet');
}

interface Judged {
  readonly object: KubernetesObject;
  readonly opinion: Opinion;
}

function toVerdict({ object, opinion }: Judged): Verdict {
  return { ...opinion, object: { kind: object.kind, name: object.metadata.name } };
}

/** From the cause: a Deployment fails because its pods do, and a pod because its volume does. */
function distance({ object }: Verdict): number {
  const order = ['PersistentVolumeClaim', 'Pod', 'Job'];
  const index = order.indexOf(object.kind);
  return index === -1 ? order.length : index;
}
