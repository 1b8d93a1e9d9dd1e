// The command line itself: help with an example everywhere, wrong usage told with what was meant, exit code 2.

import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { bareHost, typeBare, type Typed } from './bare-host.ts';

const type = (...words: readonly string[]): Promise<Typed> => typeBare(words, { columns: 80 });

const commands = createProgram(bareHost({ columns: 80 }, () => undefined), () => undefined).commands.map((command) => command.name());

describe('help', () => {
  it('lists the commands of the issue, in the order of an operator’s day', () => {
    expect(commands).toEqual(['rebuild', 'rehearse', 'plan', 'validate', 'status', 'history', 'rollback', 'trigger', 'logs', 'cancel', 'diagnose', 'prune', 'lock', 'adopt', 'doctor']);
  });

  it.each(commands)('of %s shows an example with a file, on standard output, and no line is too wide', async (command) => {
    const { exitCode, out, err } = await type(command, '--help');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`\\$ changeover ${command} .*-f config/`));
    for (const line of out.split('\n').filter((text) => !text.includes('$ changeover'))) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is also given for no command at all, which is wrong usage', async () => {
    const { exitCode, out, err } = await type();
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain('Usage: changeover [options] [command]');
  });
});

describe('wrong usage is told on standard error, with what was meant, and ends with 2:', () => {
  it.each([
    [['rebild'], "error: unknown command 'rebild'\n(Did you mean rebuild?)\nSee: changeover --help\n"],
    [['rebuild', '-f', 'x', '--frsh'], "error: unknown option '--frsh'\n(Did you mean --fresh?)\nSee: changeover rebuild --help\n"],
    [['status'], "error: required option '-f, --file <file>' not specified\nSee: changeover status --help\n"],
    [['status', '-f', 'x', '-o', 'xml'], "error: option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are text, json, yaml.\nSee: changeover status --help\n"],
    [['diagnose', '-f', 'x'], "error: missing required argument 'release'\nSee: changeover diagnose --help\n"],
    [['plan', 'upgrade', '-f', 'x'], "error: command-argument value 'upgrade' is invalid for argument 'operation'. Allowed choices are rebuild, rehearse, rollback, prune.\nSee: changeover plan --help\n"],
    [['validate', '-f', 'x', 'y'], "error: too many arguments for 'validate'. Expected 0 arguments but got 1: y.\nSee: changeover validate --help\n"],
  ])('%j', async (words, expected) => {
    expect(await type(...words)).toEqual({ exitCode: 2, out: '', err: expected });
  });
});

it('an error that nobody foresaw is a failure with its message, not a stack on the screen', async () => {
  const { exitCode, err } = await type('status', '-f', new URL('../../config/google.yaml', import.meta.url).pathname);
  expect(exitCode).toBe(1);
  expect(err).toContain('FAILED  Something unexpected happened');
  expect(err).toContain('nothing is to be connected');
  expect(err).not.toContain('.ts:');
});
