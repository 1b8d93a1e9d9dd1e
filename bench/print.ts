// What was measured as text: medians and worst cases, each goal beside its number, met or missed. Pure.

import type { RequestCount } from './audit.ts';
import type { Held } from './hostile.ts';
import type { Noticed, Watcher } from './readiness.ts';
import type { RebuildRound } from './rebuild.ts';
import type { StartRound } from './start.ts';
import { statisticsOf, type Statistics } from './statistics.ts';
import type { Timeline, Wait } from './timeline.ts';

type Lines = readonly string[];

/** Shorter than the terminal is wide, so that a table can be pasted. */
const labelWidth = 58;

export function describeReadiness(noticed: readonly Noticed[], { goals }: { readonly goals: { readonly [K in Watcher]: boolean } }): Lines {
  return [...Map.groupBy(noticed, ({ watcher }) => watcher)].flatMap(([watcher, members]) => {
    const { rounds, median, p99 } = statisticsOf(members.map(({ afterMs }) => afterMs));
    const goal = (most: number, value: number): string => (goals[watcher] ? verdict(value, most, 'ms') : '');
    return [row(`${watcher}, median of ${rounds}`, milliseconds(median), goal(20, median)), row(`${watcher}, p99`, milliseconds(p99), goal(100, p99))];
  });
}

export function describeOverhead(rounds: readonly RebuildRound[]): Lines {
  const timelines = rounds.map(({ timeline }) => timeline);
  const overhead = statisticsOf(timelines.map(({ overheadMs }) => overheadMs));
  const { waits = [], phases = [] } = timelines[0] ?? {};
  return [
    measured('wall time', statisticsOf(timelines.map(({ wallMs }) => wallMs)), { as: seconds }),
    measured('ideal: come up, load, TTL, soak', statisticsOf(timelines.map(({ idealMs }) => idealMs)), { as: seconds }),
    measured('overhead', overhead, { as: seconds, goal: verdict(overhead.median / 1_000, 5, 's') }),
    ...waits.map((wait) => measured(`  of it in ${wait.phase}, waiting for ${wait.for}`, statisticsOf(waitsOf(timelines, wait)), { as: seconds })),
    measured('  of it our own', statisticsOf(timelines.map(({ ownMs }) => ownMs)), { as: seconds }),
    ...phases.map(({ name }) => measured(`  by step: ${name}`, statisticsOf(overheadsOf(timelines, name)), { as: seconds })),
  ];
}

function waitsOf(timelines: readonly Timeline[], wait: Wait): readonly number[] {
  return timelines.flatMap(({ waits }) => waits.filter((one) => one.for === wait.for).map(({ ms }) => ms));
}

function overheadsOf(timelines: readonly Timeline[], phase: string): readonly number[] {
  return timelines.flatMap(({ phases }) => phases.filter(({ name }) => name === phase).map(({ overheadMs }) => overheadMs));
}

export function describeRequests(rounds: readonly RebuildRound[]): Lines {
  const of = (read: (round: RebuildRound) => number): Statistics => statisticsOf(rounds.map(read));
  const own = of((round) => round.own.requests);
  return [
    measured('objects that are followed', of((round) => round.objects), { as: String }),
    measured('requests of our own', own, { as: String, goal: verdict(own.worst, 150, '') }),
    measured('  watches', of((round) => round.own.watches), { as: String }),
    measured('  renewals of the lease', of((round) => round.own.leaseRenewals), { as: String }),
    ...most(rounds.at(-1)?.own),
    measured('requests of Helm', of((round) => round.helm.requests + round.helm.watches), { as: String }),
  ];
}

function most(count: RequestCount | undefined): Lines {
  return (count?.byKind ?? []).slice(0, 8).map(([kind, times]) => row(`  ${kind}`, String(times), ''));
}

export function describeMemory(rounds: readonly RebuildRound[]): Lines {
  return [measured('peak memory of the runner', statisticsOf(rounds.map(({ peakBytes }) => peakBytes)), { as: (bytes) => `${Math.round(bytes / 1_048_576)} MiB` })];
}

export function describeSwitching(rounds: readonly RebuildRound[]): Lines {
  const zones = rounds.flatMap((round) => round.zones);
  const polled = rounds.flatMap(({ polledSpreadMs }) => polledSpreadMs ?? []);
  return [
    ...[...Map.groupBy(zones, ({ zone }) => zone)].flatMap(([zone, members]) => {
      const changes = statisticsOf(members.map((member) => member.changes));
      return [
        measured(`${zone}: atomic changes for ${members[0]?.names} names`, changes, { as: String, goal: verdict(changes.worst, 1, '') }),
        measured(`${zone}: first to last name`, statisticsOf(members.map(({ spreadMs }) => spreadMs)), { as: milliseconds }),
      ];
    }),
    polled.length === 0 ? row('both zones on both servers', 'not seen whole', '') : measured('both zones on both servers, polled', statisticsOf(polled), { as: milliseconds }),
  ];
}

/** The best, too: it is what others' work on the same machine disturbs least. */
export function describeStarts(rounds: readonly StartRound[]): Lines {
  return [...Map.groupBy(rounds, ({ image }) => image)].flatMap(([image, members]) => {
    const of = (label: string, values: readonly number[], most?: number): string => {
      const statistics = statisticsOf(values);
      const goal = most === undefined ? '' : verdict(statistics.median, most, 'ms');
      return measured(`${image}: ${label} (best: ${milliseconds(statistics.best)})`, statistics, { as: milliseconds, goal });
    };
    return [
      of('--version', members.map(({ versionMs }) => versionMs), 60),
      of('--help', members.map(({ helpMs }) => helpMs)),
      of('first request', members.map(({ firstRequestMs }) => firstRequestMs), 150),
    ];
  });
}

export function describeHostile({ title, tries, held, peakBytes, msPerTry, longestMs }: Held): string {
  const goal = held === tries && longestMs < 5_000 ? 'goal: all, in 5 s: met' : 'goal: all, in 5 s: missed';
  return row(title, `${held} of ${tries} held, ${Math.round(peakBytes / 1_048_576)} MiB, ${seconds(msPerTry)} each, at most ${seconds(longestMs)}`, goal);
}

interface Shown {
  readonly as: (value: number) => string;
  readonly goal?: string;
}

function measured(label: string, { rounds, median, worst }: Statistics, { as, goal = '' }: Shown): string {
  return row(label, `${as(median)} (worst of ${rounds}: ${as(worst)})`, goal);
}

function row(label: string, value: string, goal: string): string {
  return `${label.padEnd(labelWidth)} ${value.padEnd(34)} ${goal}`.trimEnd();
}

function verdict(value: number, most: number, unit: string): string {
  return `goal ≤ ${most}${unit === '' ? '' : ` ${unit}`}: ${value <= most ? 'met' : 'missed'}`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
