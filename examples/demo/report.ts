// The demo's result as text: phases, requests, gaps, names. Pure.

import type { RunRecord } from '../../src/run/record.ts';
import type { TrafficSummary } from './traffic.ts';

export interface NameNow {
  readonly name: string;
  readonly answers: readonly string[];
  readonly release: string | undefined;
}

export function describeRun(record: RunRecord): readonly string[] {
  const phases = record.steps.filter(({ startedAt, endedAt }) => startedAt !== undefined && endedAt !== undefined);
  const total = between(record.startedAt, record.endedAt);
  return [
    `Run ${record.id}: ${record.outcome} in ${total}`,
    ...phases.map(({ name, startedAt, endedAt }) => `  ${name.padEnd(20)} ${between(startedAt, endedAt).padStart(8)}`),
  ];
}

export function describeTraffic(summary: TrafficSummary): readonly string[] {
  return [
    `Requests        ${summary.requests}`,
    `Failed          ${summary.failed.length}`,
    `Longest gap     ${summary.longestGapMs} ms`,
    ...summary.releases.map(({ release, answers }) => `Answered by     ${release}: ${answers}`),
    ...summary.failed.slice(0, 10).map(({ name, at, address, failure }) => `  ${new Date(at).toISOString()} ${name} at ${address ?? '-'}: ${failure}`),
  ];
}

export function describeNames(names: readonly NameNow[]): readonly string[] {
  return names.map(({ name, answers, release }) => `${name.padEnd(24)} ${answers.join(', ') || 'nothing'}  (${release ?? 'no release answers'})`);
}

function between(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '-';
  return `${((Date.parse(to) - Date.parse(from)) / 1_000).toFixed(1)} s`;
}
