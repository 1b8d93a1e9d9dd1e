// The doctor's findings as text: a line for each check, and below it what to do.

import type { Style } from '../report/style.ts';
import { wrap } from '../report/text.ts';
import type { Examination } from './examine.ts';
import type { Finding, Verdict } from './finding.ts';

export interface Paper {
  readonly columns: number;
  readonly style: Style;
}

const marks = { ok: '✔', warning: '!', failed: '✖', unknown: '?' } as const satisfies Record<Verdict, string>;

export function examinationText({ environment, cluster, findings }: Examination, paper: Paper): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map((finding) => findingText(finding, width, paper));
  return [`environment ${environment} on cluster ${cluster}`, '', ...lines, '', verdictText(findings), 'Nothing has been written.'].join('\n');
}

function findingText({ check, verdict, found, remedy }: Finding, width: number, { columns, style }: Paper): string {
  const paint = { ok: style.good, warning: style.doubtful, failed: style.bad, unknown: style.doubtful }[verdict];
  const indent = ' '.repeat(width + 6);
  const texts = [...found, ...(remedy === undefined ? [] : [`→ ${remedy}`])].map((text) => wrap(text, Math.max(20, columns - indent.length), '').replaceAll('\n', `\n${indent}`));
  return `  ${paint(marks[verdict])} ${check.padEnd(width)}  ${texts.join(`\n${indent}`)}`;
}

function verdictText(findings: readonly Finding[]): string {
  const amounts = Map.groupBy(findings, ({ verdict }) => verdict);
  const said = [
    [amounts.get('failed')?.length, 'failed'],
    [amounts.get('warning')?.length, 'to be watched'],
    [amounts.get('unknown')?.length, 'not known'],
  ].flatMap(([amount, words]) => (amount === undefined ? [] : [`${amount} ${words}`]));
  return said.length === 0 ? 'All is well.' : `${findings.length} checks: ${said.join(', ')}.`;
}
