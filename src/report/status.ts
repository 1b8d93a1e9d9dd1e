// `status` as text: the run, the releases, and what each public name points to.

import type { CordonedNode } from '../observe/cordoned.ts';
import type { PointsTo } from '../plan/live.ts';
import { describeLock } from '../plan/lock.ts';
import type { RunRecord } from '../run/record.ts';
import type { NameStatus, ReleaseStatus, Status } from '../session/status.ts';
import { endings } from './lines.ts';
import { describeDuration, describeTime, table } from './text.ts';

/** `now`: milliseconds since 1970. */
export function statusText(status: Status, now: number): string {
  const sections = [
    `environment ${status.environment} on cluster ${status.cluster}`,
    ...(status.locked === undefined ? [] : [`locked\n  every run is refused: ${describeLock(status.locked)}`]),
    `run\n${runText(status, now)}`,
    `releases\n${status.releases.length === 0 ? '  none' : table(status.releases.map(releaseRow), '  ')}`,
    `names\n${table(nameRows(status.names), '  ')}`,
    ...cordonedText(status),
    ...problemsText(status.names),
  ];
  return sections.join('\n\n');
}

function runText({ run, holder, unfinished, unreadable }: Status, now: number): string {
  const lock = holder === undefined ? 'nobody holds the lock' : `${holder.holder} holds the lock since ${describeTime(holder.acquiredAt)}, renewed ${describeDuration(now - holder.renewedAt)} ago`;
  if (unreadable !== undefined) return `  ${unreadable.summary}\n    → ${unreadable.next}\n  ${lock}`;
  if (run === undefined) return `  none yet\n  ${lock}`;
  const state = unfinished ? 'left unfinished: the next run resumes or unwinds it' : endings[run.outcome];
  const since = run.outcome === 'running' && !unfinished ? ` for ${describeDuration(now - Date.parse(run.startedAt))}` : '';
  const lines = [`${run.operation} ${run.id}: ${state}${since}`, ...presentStep(run, { now, unfinished }), ...failureLine(run), lock];
  return lines.map((line) => `  ${line}`).join('\n');
}

function presentStep({ steps }: RunRecord, { now, unfinished }: { readonly now: number; readonly unfinished: boolean }): readonly string[] {
  const present = steps.find(({ state }) => state === 'running' || state === 'undoing');
  if (present === undefined) return [];
  const step = `${present.state === 'undoing' ? 'undoing ' : ''}step ${present.name}`;
  if (unfinished) return [`it stopped in ${step}`];
  return [present.startedAt === undefined ? step : `${step} for ${describeDuration(now - Date.parse(present.startedAt))}`];
}

export function failureLine({ failure }: RunRecord): readonly string[] {
  if (failure === undefined) return [];
  return [`${failure.step === undefined ? '' : `step ${failure.step}: `}${failure.summary}`];
}

function releaseRow(release: ReleaseStatus): readonly string[] {
  const addresses = release.addresses.map(({ service, values }) => `${service} ${values.join(' ')}`).join(', ');
  return [release.name, release.deleting ? `${release.role}, being deleted` : release.role, timesOf(release), addresses];
}

function timesOf({ role, liveSince, createdAt }: ReleaseStatus): string {
  if (liveSince !== undefined) return `${role === 'live' ? 'live since' : 'went live'} ${describeTime(liveSince)}`;
  return createdAt === undefined ? '' : `created ${describeTime(createdAt)}`;
}

/** Name, what it answers, whose that is. */
export function nameRows(names: readonly NameStatus[]): readonly (readonly string[])[] {
  return names.map(({ name, values, to }) => [name, values.length === 0 ? '–' : values.join(' '), ownerText(to)]);
}

function ownerText(to: PointsTo): string {
  if (to.kind === 'release') return to.release;
  return { nothing: 'does not exist', foreign: 'no release of this environment', mixed: 'several releases', unknown: 'could not be read' }[to.kind];
}

function cordonedText({ cordoned = [], environment }: Status): readonly string[] {
  if (cordoned.length === 0) return [];
  return [`cordoned nodes\n${table(cordoned.map(({ node, pods }) => [node, pods.length === 0 ? `carries nothing of ${environment} any more` : `still carries ${pods.join(', ')}`]), '  ')}`];
}

/** For the end of a run: whoever has cordoned a pool waits for this. Undefined when no node is cordoned. */
export function cordonedSentence(cordoned: readonly CordonedNode[], environment: string): string | undefined {
  const busy = cordoned.filter(({ pods }) => pods.length > 0);
  const free = cordoned.filter(({ pods }) => pods.length === 0).map(({ node }) => node);
  const nothing = free.length === 0 ? [] : [`${free.join(', ')} ${free.length === 1 ? 'carries' : 'carry'} nothing of ${environment} any more`];
  const rest = busy.map(({ node, pods }) => `${node} still carries ${pods.join(', ')}`);
  return cordoned.length === 0 ? undefined : [...nothing, ...rest].join('; ');
}

function problemsText(names: readonly NameStatus[]): readonly string[] {
  const problems = [...new Set(names.flatMap((name) => name.problems))];
  return problems.length === 0 ? [] : [`problems\n${problems.map((problem) => `  ${problem}`).join('\n')}`];
}

/** What the public has now, in one sentence, for the end of a failed run. */
export function productionText({ names }: Pick<Status, 'names'>): string {
  const [first, ...others] = names.map(({ to }) => ownerText(to));
  const agree = others.every((owner) => owner === first);
  const all = names.length === 1 ? `${names[0]?.name} points` : `all ${names.length} names point`;
  const kind = names[0]?.to.kind;
  if (agree && kind === 'nothing') return 'there is none yet: the names do not exist';
  if (agree && kind === 'release') return `${all} to ${first}`;
  if (agree && kind === 'foreign') return `${all} to addresses of ${first}`;
  if (agree && kind === 'unknown') return 'what the names answer could not be read';
  return `${agree ? 'not known' : 'the names disagree'}: ${names.map(({ name, to }) => `${name} → ${ownerText(to)}`).join(', ')}`;
}
