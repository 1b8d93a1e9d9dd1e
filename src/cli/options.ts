// Options that several commands share, with one meaning everywhere. Loads nothing heavy: `--help` comes through here.

import { Option, type Command } from 'commander';
import type { Format } from '../report/format.ts';

export interface CommonOptions {
  readonly file: readonly string[];
  readonly debug?: boolean;
  readonly context?: string;
}

export interface ReadingOptions extends CommonOptions {
  readonly output: Format;
}

export const logKinds = ['auto', 'tree', 'lines', 'json'] as const;
export type LogKind = (typeof logKinds)[number];

export interface RunningOptions extends CommonOptions {
  readonly log: LogKind;
  readonly fresh?: boolean;
  readonly scheduled?: boolean;
}

export function withFiles(command: Command): Command {
  return command.requiredOption('-f, --file <file>', 'environment file; repeat it to layer files, later over earlier', collect);
}

export function withContext(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig; default: the present one')
    .option('--debug', 'tell of every call to the cluster, Helm, DNS and others, and how long it took');
}

export function withOutput(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'how data is printed').choices(['text', 'json', 'yaml']).default('text'));
}

export function withRun(command: Command): Command {
  return withContext(withFiles(command))
    .addOption(new Option('--log <kind>', 'how progress is shown; auto: a tree on a terminal, JSON in a pod, else lines').choices(logKinds).default('auto'))
    .option('--fresh', 'unwind an unfinished run instead of resuming it');
}

/** For the operations that a CronJob may start. */
export function withSchedule(command: Command): Command {
  return command.option('--scheduled', 'a schedule has started it: refused, with exit code 5, when the last one that went well began less than minInterval ago');
}

export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const heading = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', () => `\n${heading}:\n${examples.map((example) => `  $ ${command.parent?.name() ?? 'changeover'} ${example}`).join('\n')}`);
}

function collect(file: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), file];
}
