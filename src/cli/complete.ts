// Shell completion, in the protocol that kubectl speaks to its plugins: candidates, one a line, then a directive. Asks nothing outside.
// Source: Cobra, ShellCompDirective; kubectl, "plugin completion" (an executable kubectl_complete-NAME).

import type { Argument, Command, Option } from 'commander';

interface Candidate {
  readonly word: string;
  readonly description?: string;
}

interface Completion {
  readonly candidates: readonly Candidate[];
  /** The shell may offer files besides. */
  readonly files: boolean;
}

const directives = { files: 0, noFiles: 4 } as const;

/** `words`: as typed behind the program's name; the last one is not finished, and may be empty. */
export function complete(program: Command, words: readonly string[]): string {
  const partial = words.at(-1) ?? '';
  const { candidates, files } = completion(program, words.slice(0, -1), partial);
  const fitting = candidates.filter(({ word }) => word.startsWith(partial));
  const lines = fitting.map(({ word, description }) => (description === undefined ? word : `${word}\t${firstLine(description)}`));
  return `${[...lines, `:${files ? directives.files : directives.noFiles}`].join('\n')}\n`;
}

function completion(program: Command, typed: readonly string[], partial: string): Completion {
  const command = program.commands.find((candidate) => candidate.name() === typed.find((word) => !word.startsWith('-')));
  if (command === undefined) return { candidates: [...commandsOf(program), ...(partial.startsWith('-') ? optionsOf(program) : [])], files: false };
  const awaited = command.options.find((option) => takesValue(option, typed.at(-1)));
  if (awaited !== undefined) return valuesOf(awaited);
  if (partial.startsWith('-')) return { candidates: optionsOf(command), files: false };
  return { candidates: choicesOf(nextArgument(command, typed)), files: false };
}

function commandsOf(program: Command): readonly Candidate[] {
  return program.commands.map((command) => ({ word: command.name(), description: command.description() }));
}

function optionsOf({ options }: Command): readonly Candidate[] {
  return options.flatMap(({ long, description }) => (long === undefined || long === null ? [] : [{ word: long, description }]));
}

/** Of an option that takes a value: its choices, or a file where it takes one. */
function valuesOf(option: Option): Completion {
  return { candidates: choicesOf(option), files: option.long === '--file' };
}

function choicesOf(taking: Pick<Argument | Option, 'argChoices'> | undefined): readonly Candidate[] {
  return (taking?.argChoices ?? []).map((word) => ({ word }));
}

/** The argument at which the cursor stands: options and their values are not counted. */
function nextArgument(command: Command, typed: readonly string[]): Argument | undefined {
  const isValue = (index: number): boolean => command.options.some((option) => takesValue(option, typed[index - 1]));
  const plain = typed.filter((word, index) => !word.startsWith('-') && !isValue(index));
  return command.registeredArguments[plain.length - 1];
}

function takesValue({ long, short, required, optional }: Option, word: string | undefined): boolean {
  return (required || optional) && word !== undefined && (word === long || word === short);
}

function firstLine(description: string): string {
  return /^[^;:\n]*/.exec(description)?.[0] ?? '';
}
