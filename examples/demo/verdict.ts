// Whether the demo has shown what it is there to show: clients of every name were led from one release to the next, and missed nothing.
// Pure: it judges by what the clients themselves have seen.

import type { NameNow } from './report.ts';
import type { Traffic } from './traffic.ts';

export interface Watched {
  /** What each name led to before the second rebuild, and after it. */
  readonly before: readonly NameNow[];
  readonly after: readonly NameNow[];
  readonly traffic: Pick<Traffic, 'visits' | 'ranOut'>;
}

/** What speaks against “nobody noticed”, in words; nothing, if all is well. */
export function faultsOf({ before, after, traffic: { visits, ranOut } }: Watched): readonly string[] {
  const failed = visits.filter(({ failure }) => failure !== undefined).length;
  return [
    ...(failed > 0 ? [`${failed} of ${visits.length} requests failed`] : []),
    ...(ranOut ? [`the clients had made all their ${visits.length} requests before the rebuild was over: nobody asked at its end`] : []),
    ...(before.length === 0 ? ['there is no name to ask for'] : []),
    ...before.flatMap(({ name, release }) => wayOf(name, { visits, from: release, to: after.find((now) => now.name === name)?.release })),
  ];
}

interface Way {
  readonly visits: Traffic['visits'];
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function wayOf(name: string, { visits, from, to }: Way): readonly string[] {
  if (from === undefined || to === undefined) return [`${name}: no release answered ${from === undefined ? 'before' : 'after'} the second rebuild`];
  if (from === to) return [`${name}: ${from} answered before the second rebuild and after it`];
  const answered = visits.filter((visit) => visit.name === name && visit.failure === undefined).toSorted((left, right) => left.at - right.at);
  const [first, last] = [answered.at(0)?.release, answered.at(-1)?.release];
  return [
    ...(first === from ? [] : [`${name}: the first client was answered by ${first ?? 'no release'}, not by ${from}`]),
    ...(last === to ? [] : [`${name}: the last client was answered by ${last ?? 'no release'}, not by ${to}`]),
  ];
}
