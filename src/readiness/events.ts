// What Events tell about one object: how often something was tried, and the last trouble. They are hints that expire;
// a missing Event proves nothing.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Event } from './shapes.ts';

/** Events about exactly this object (by uid: a name may have been used before), oldest first. */
export function eventsAbout(object: KubernetesObject, events: readonly Event[]): readonly Event[] {
  const { uid } = object.metadata;
  if (uid === undefined) return [];
  return events.filter(({ involvedObject }) => involvedObject?.uid === uid).toSorted((one, other) => eventTime(one) - eventTime(other));
}

export function latestEvent(object: KubernetesObject, events: readonly Event[], reasons: readonly string[]): Event | undefined {
  return eventsAbout(object, events).findLast(({ reason }) => reason !== undefined && reasons.includes(reason));
}

/** Milliseconds since 1970 of its last occurrence; 0 when it says nothing. */
export function eventTime(event: Event): number {
  return Date.parse(eventTimestamp(event) ?? '') || 0;
}

/** Source: Events API; `series` is the newer form, `eventTime` that of events that occurred once. */
export function eventTimestamp({ series, lastTimestamp, eventTime, metadata }: Event): string | undefined {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
}

/** How often it occurred. */
export function eventCount({ series, count }: Event): number {
  return series?.count ?? count ?? 1;
}
