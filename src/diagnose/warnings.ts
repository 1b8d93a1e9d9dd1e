// The Warning events of a namespace, the latest first, each story once. Pure.

import { eventCount, eventTime, eventTimestamp } from '../readiness/events.ts';
import type { Event } from '../readiness/shapes.ts';
import type { WarningFinding } from './diagnosis.ts';

const most = 15;

export function recentWarnings(events: readonly Event[]): readonly WarningFinding[] {
  const warnings = events.filter(({ type }) => type === 'Warning').toSorted((one, other) => eventTime(other) - eventTime(one));
  const byStory = Map.groupBy(warnings, storyOf);
  return [...byStory.values()].flatMap(merge).slice(0, most);
}

/** Names of pods and attempts differ from one try to the next; the story is the same. */
function storyOf({ involvedObject, reason, message }: Event): string {
  return [involvedObject?.kind, involvedObject?.name, reason, message?.replaceAll(/"[^"]*"/g, '')].join(' ');
}

function merge(events: readonly Event[]): readonly WarningFinding[] {
  const [latest] = events;
  if (latest === undefined) return [];
  const { involvedObject, reason = '', message = '' } = latest;
  return [
    {
      at: eventTimestamp(latest) ?? '',
      count: events.map(eventCount).reduce((sum, times) => sum + times, 0),
      object: `${involvedObject?.kind ?? 'object'} ${involvedObject?.name ?? '?'}`,
      reason,
      message: message.trim(),
    },
  ];
}
