// A diagnosis as text in columns. Decides nothing; texts from outside must have been made printable before.

import { count, describeTime, table, wrap } from '../report/text.ts';
import type { Diagnosis, NameFinding, NodeFinding, PodFinding, PodsFinding, WarningFinding } from './diagnosis.ts';

export interface PrintOptions {
  readonly columns: number;
}

export function printDiagnosis(diagnosis: Diagnosis, { columns }: PrintOptions): string {
  const { pods, notReady, services, names, warnings, unread } = diagnosis;
  const blocks = [
    `Release ${diagnosis.release}`,
    printPods(pods, columns),
    section('Not ready', notReady?.map((line) => hanging(line, columns))),
    section('Services', services && [table(services.map(({ name, type, state }) => [name, type, state]), '  ')]),
    section('Names', names.flatMap((name) => printName(name, columns))),
    section('Warnings, the latest first', warnings?.map((warning) => printWarning(warning, columns))),
    unread.length === 0 ? '' : section('Could not be read', unread.map(({ what, reason }) => hanging(`${what}: ${reason}`, columns))),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** An unknown section is said to be unknown; an empty one is a finding of its own. */
function section(title: string, lines: readonly string[] | undefined): string {
  if (lines === undefined) return `${title}: not known (see below)`;
  const shown = lines.filter((line) => line !== '');
  return shown.length === 0 ? `${title}: none` : [title, ...shown].join('\n');
}

function printPods(pods: PodsFinding | undefined, columns: number): string {
  if (pods === undefined) return section('Pods', undefined);
  const { total, troubled } = pods;
  if (troubled.length === 0) return total === 0 ? 'Pods: there is none' : `Pods: all is well with ${count(total, 'pod')}`;
  return [`Pods: ${troubled.length} of ${total} not running well`, ...troubled.flatMap((pod) => printPod(pod, columns))].join('\n');
}

function printPod({ name, state, why, since, nodes, logTail }: PodFinding, columns: number): readonly string[] {
  const head = `  ${name}  ${state}${since === undefined ? '' : ` since ${describeTime(since)}`}`;
  const log = logTail?.trimEnd().split('\n').map((line) => wrap(`    | ${line}`, columns, '    |   ')) ?? [];
  return [wrap(head, columns, '    '), hanging(why, columns, 4), ...groupNodes(nodes ?? []).map((line) => hanging(line, columns, 4)), ...log];
}

const namedNodes = 3;

/** A hundred nodes of one kind are one line. */
function groupNodes(nodes: readonly NodeFinding[]): readonly string[] {
  const groups = Map.groupBy(nodes, ({ against }) => (against.length === 0 ? 'nothing found against it; only the scheduler knows' : against.join('; ')));
  return [...groups].map(([text, group]) => {
    const names = group.slice(0, namedNodes).map(({ name }) => name).join(', ');
    return `${names}${group.length > namedNodes ? ` and ${group.length - namedNodes} more` : ''}: ${text}`;
  });
}

const leads = { yes: 'leads to this release', no: 'does not lead to this release', unknown: '' } as const;

function printName({ name, service, servers, problem }: NameFinding, columns: number): readonly string[] {
  const head = `  ${name} (Service ${service})`;
  if (problem !== undefined) return [head, hanging(problem, columns, 4)];
  return [head, ...servers.map(({ server, answer, leadsHere }) => hanging([`${server}: ${answer}`, leads[leadsHere]].filter(Boolean).join(', '), columns, 4))];
}

function printWarning({ at, count: times, object, reason, message }: WarningFinding, columns: number): string {
  return hanging(`${describeTime(at)}${times > 1 ? `, ${times} times` : ''}, ${object}: ${reason}: ${message}`, columns);
}

function hanging(text: string, columns: number, indent = 2): string {
  const pad = ' '.repeat(indent);
  return wrap(`${pad}${text.replaceAll('\n', ' ')}`, columns, `${pad}  `);
}
