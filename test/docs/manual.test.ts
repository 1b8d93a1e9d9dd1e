// What the README and the manuals tell people to type exists: every command, every option, every heading that a link leads to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import type { Host } from '../../src/cli/io.ts';
import { installerForbidden } from '../kubernetes/privileges/installer-forbidden.ts';
import { runnerForbidden } from '../kubernetes/privileges/runner-forbidden.ts';

const root = join(import.meta.dirname, '../..');
const documents = ['README.md', 'docs/operations.md', 'SECURITY.md', 'CONTRIBUTING.md', 'chart/README.md', 'examples/README.md'];

// Commands are only looked at, never run: nothing of the host is asked for.
const io = { stdout: () => undefined, stderr: () => undefined, columns: 80 };
const program = createProgram({ io } as unknown as Host, () => undefined);

interface Typed {
  readonly command: string;
  readonly options: readonly string[];
}

/** `changeover trigger --operation rehearse`, in a block or between backticks; what is a placeholder or prose is left out. */
function typedIn(text: string): readonly Typed[] {
  const code = [...text.matchAll(/`([^`\n]+)`|^ {4,}(.+)$/gm)].map(([, inline, block]) => inline ?? block ?? '');
  return code.flatMap((line) => [...line.matchAll(/(?:^|\$ |: |kubectl )changeover ([a-z]+)([^|#\n]*)/g)].map(([, command = '', rest = '']) => ({ command, options: rest.match(/(?<=\s)--?[a-z][-a-z]*/g) ?? [] })));
}

function optionsOf(command: string): readonly string[] {
  const found = program.commands.find((known) => known.name() === command);
  return found?.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined)) ?? [];
}

/** As GitHub makes anchors of headings. */
function anchors(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, '').replaceAll(' ', '-'));
}

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');

  test('names only commands that there are, with options that they have', () => {
    const known = program.commands.map((command) => command.name());
    const wrong = typedIn(text).flatMap(({ command, options }) => {
      if (!known.includes(command)) return [`changeover ${command}`];
      return options.filter((option) => !['--help', '-h', ...optionsOf(command)].includes(option)).map((option) => `changeover ${command} ${option}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has a heading for each of its own links', () => {
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.filter((anchor) => !anchors(text).includes(anchor))).toEqual([]);
  });
});

test('the manual is looked through: it tells of every command', () => {
  const told = new Set(typedIn(readFileSync(join(root, 'docs/operations.md'), 'utf8')).map(({ command }) => command));
  const untold = program.commands.map((command) => command.name()).filter((name) => !told.has(name));
  expect(untold).toEqual([]);
});

test('the manual counts the attempts to do more than is allowed as they are', () => {
  const [, told] = /(\d+) attempts to do more/.exec(readFileSync(join(root, 'docs/operations.md'), 'utf8')) ?? [];
  expect(Number(told)).toBe(runnerForbidden.length + installerForbidden.length);
});
