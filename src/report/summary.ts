// The last words of a run. On failure: what, the object, the reason, since when, its log, production, the next command.

import type { ReportedFailure, Outcome } from '../run/events.ts';
import type { RunRecord } from '../run/record.ts';
import type { Status } from '../session/status.ts';
import { commandLine, completed, splitAdvice, type Invocation } from './commands.ts';
import { cordonedSentence, nameRows } from './status.ts';
import type { Style } from './style.ts';
import { describeDuration, describeTime, fields, table, wrap, type Field } from './text.ts';

export interface Page {
  readonly columns: number;
  readonly style: Style;
}

export interface FailedRun {
  readonly failure: ReportedFailure;
  readonly outcome: Outcome;
  /** Title of the step that failed. */
  readonly step?: string | undefined;
  /** One sentence; undefined where nothing had been touched or looked at. */
  readonly production?: string | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly run?: string | undefined;
  readonly operation?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const headings = {
  running: 'FAILED',
  succeeded: 'FAILED',
  failed: 'FAILED',
  restored: 'FAILED, AND SWAPPED BACK',
  needsHuman: 'NEEDS A HUMAN',
  interrupted: 'STOPPED',
} as const;

export function failureSummary(failed: FailedRun, invocation: Invocation, { columns, style }: Page): string {
  const { failure, outcome, now } = failed;
  const { facts } = failure;
  const advice = completed(failure.next, failed, invocation).split('\n').flatMap(adviceFields);
  // Lines of the shape `file:line:column: …` begin at the margin, where editors find them.
  const located = failure.code === 'ConfigurationInvalid' ? (facts.details ?? []) : [];
  const details = failure.code === 'ConfigurationInvalid' ? [] : (facts.details ?? []);
  const body = fields(
    [
      { label: 'step', text: failed.step ?? '' },
      { label: 'what', text: facts.summary },
      { label: 'object', text: facts.object ?? '' },
      { label: 'reason', text: facts.reason ?? '' },
      { label: 'since', text: facts.since === undefined ? '' : sinceText(facts.since, now) },
      { label: 'also', text: details.join('\n') },
      { label: 'log', text: logText(facts.logTail), verbatim: true },
      { label: 'production', text: failed.production ?? '' },
      ...advice.filter(({ text }) => text !== '').map((field, index) => ({ ...field, label: index === 0 ? 'next' : '' })),
    ],
    columns,
  );
  const heading = `${style.bad(style.bold(headings[outcome]))}  ${failure.title}`;
  return [...located, '', heading, '', body, ''].join('\n');
}

function adviceFields(line: string): readonly Omit<Field, 'label'>[] {
  const { text, command } = splitAdvice(line);
  return [{ text }, { text: command, verbatim: true }];
}

function sinceText(since: string, now: number): string {
  const ago = now - Date.parse(since);
  return Number.isNaN(ago) || ago < 0 ? describeTime(since) : `${describeTime(since)} (${describeDuration(ago)} ago)`;
}

function logText(tail: string | undefined): string {
  if (tail === undefined || tail.trim() === '') return '';
  return tail.trimEnd().split('\n').map((line) => `| ${line}`).join('\n');
}

export interface EndedRun {
  readonly record: RunRecord;
  /** As it is now; undefined when nobody looked, or when it could not be read. */
  readonly status: Status | undefined;
  /** Why it could not be read. */
  readonly unread?: string | undefined;
  readonly durationMs: number;
  readonly titles: ReadonlyMap<string, string>;
}

export function successSummary(ended: EndedRun, invocation: Invocation, { columns, style }: Page): string {
  const { record, durationMs } = ended;
  const heading = `${style.good(style.bold('DONE'))}  ${record.operation} of ${record.environment} in ${describeDuration(durationMs)} (run ${record.id})`;
  const now = fields(nowFields(ended, invocation), columns);
  const released = now === '' ? [] : ['', now];
  const warnings = record.warnings.map((warning) => `  ${style.doubtful('warning')} ${wrap(warning, columns - 10, ' '.repeat(10))}`);
  return `\n${[heading, ...released, ...(warnings.length === 0 ? [] : ['', ...warnings]), '', stepTable(ended)].join('\n')}\n`;
}

function nowFields({ status, unread }: EndedRun, invocation: Invocation): readonly Field[] {
  if (status !== undefined) return releaseFields(status, invocation);
  if (unread === undefined) return [];
  return [
    { label: 'live', text: `could not be read any more: ${unread}` },
    { label: 'look', text: commandLine('status', invocation), verbatim: true },
  ];
}

function releaseFields({ releases, names, cordoned = [], environment }: Status, invocation: Invocation) {
  const live = releases.find(({ role }) => role === 'live');
  const previous = releases.find(({ role }) => role === 'previous');
  const others = releases.filter((release) => release !== live && release !== previous).map(({ name, role }) => `${name} (${role})`);
  return [
    { label: 'live', text: live?.name ?? 'none' },
    { label: 'names', text: table(nameRows(names)), verbatim: true },
    { label: 'previous', text: previous === undefined ? '' : `${previous.name} is still there` },
    { label: 'roll back', text: previous === undefined ? '' : commandLine('rollback', invocation), verbatim: true },
    { label: 'remove', text: previous === undefined ? '' : removal(previous.name), verbatim: true },
    { label: 'others', text: others.join(', ') },
    { label: 'cordoned', text: cordonedSentence(cordoned, environment) ?? '' },
  ];
}

/** Two commands, because Helm leaves the namespace, and some volumes in it, behind. */
function removal(release: string): string {
  return `helm uninstall ${release} -n ${release} && kubectl delete namespace ${release}`;
}

function stepTable({ record, titles }: EndedRun): string {
  const rows = record.steps.map(({ name, state, startedAt, endedAt, reason }) => {
    const took = startedAt === undefined || endedAt === undefined ? '' : describeDuration(Date.parse(endedAt) - Date.parse(startedAt));
    return [titles.get(name) ?? name, state === 'skipped' ? `skipped: ${reason ?? ''}` : took];
  });
  return table(rows, '  ');
}
