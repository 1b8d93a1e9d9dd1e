// `history` as text: all runs, or one with its steps.

import type { RunRecord, StepRecord } from '../run/record.ts';
import { endings } from './lines.ts';
import { count, describeDuration, describeTime, table } from './text.ts';

/** One row per run, newest first; below it why it failed. */
export function historyText(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return 'no runs yet';
  const rows = table(runs.map(runRow)).split('\n');
  return runs.flatMap((run, index) => [rows[index] ?? '', ...(run.failure === undefined ? [] : [`  ${run.failure.summary}`])]).join('\n');
}

function runRow(run: RunRecord): readonly string[] {
  const warnings = run.warnings.length === 0 ? '' : count(run.warnings.length, 'warning');
  return [run.id, run.operation, describeTime(run.startedAt), took(run), endingOf(run), warnings];
}

/** A run that somebody cancelled has not failed of itself. */
function endingOf({ outcome, failure }: RunRecord): string {
  if (failure?.code !== 'Cancelled') return endings[outcome];
  return outcome === 'failed' ? 'cancelled' : outcome === 'restored' ? 'cancelled, and swapped back' : `cancelled; ${endings[outcome]}`;
}

export function runText(run: RunRecord): string {
  const failure = run.failure === undefined ? [] : ['failure', ...failureLines(run.failure), ''];
  const warnings = run.warnings.length === 0 ? [] : ['warnings', ...run.warnings.map((warning) => `  ${warning}`), ''];
  return [
    `${run.operation} of ${run.environment}, run ${run.id}: ${endingOf(run)}`,
    `started ${describeTime(run.startedAt)} by ${run.holder}${run.endedAt === undefined ? '' : `, ended ${describeTime(run.endedAt)}`}${took(run) === '' ? '' : ` after ${took(run)}`}`,
    '',
    ...failure,
    ...warnings,
    'steps',
    table(run.steps.map(stepRow), '  '),
  ].join('\n');
}

function failureLines({ step, code, summary, object, reason, since }: NonNullable<RunRecord['failure']>): readonly string[] {
  const rows = [['step', step], ['code', code], ['what', summary], ['object', object], ['reason', reason], ['since', since === undefined ? undefined : describeTime(since)]];
  return table(rows.flatMap(([label, text]) => (text === undefined ? [] : [[label ?? '', text]])), '  ').split('\n');
}

function stepRow(step: StepRecord): readonly string[] {
  return [step.name, step.state, took(step), step.reason ?? ''];
}

function took({ startedAt, endedAt }: { readonly startedAt?: string | undefined; readonly endedAt?: string | undefined }): string {
  return startedAt === undefined || endedAt === undefined ? '' : describeDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
