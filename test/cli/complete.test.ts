// Completion as kubectl asks for it, and the texts of a program that is called as its plugin.

import { describe, expect, it } from 'vitest';
import { typeBare, type Typed } from './bare-host.ts';

const type = (words: readonly string[], program?: string): Promise<Typed> => typeBare(words, { columns: 100, program });

const completed = async (...words: readonly string[]): Promise<readonly string[]> => (await type(['__complete', ...words])).out.trimEnd().split('\n');
const wordsOf = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split('\t')[0] ?? '');

describe('completing', () => {
  it('nothing yet offers every command, each with a description of one line', async () => {
    const lines = await completed('');
    expect(wordsOf(lines)).toEqual(expect.arrayContaining(['rebuild', 'status', 'lock', 'adopt', 'doctor', ':4']));
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^[a-z]+\t\S.*$/);
  });

  it.each([
    [['re'], ['rebuild', 'rehearse', ':4']],
    [['plan', 'r'], ['rebuild', 'rehearse', 'rollback', ':4']],
    [['lock', ''], ['status', 'acquire', 'release', ':4']],
    [['lock', '-f', 'prod.yaml', 'a'], ['acquire', ':4']],
    [['status', '--o'], ['--output', ':4']],
    [['status', '-o', ''], ['text', 'json', 'yaml', ':4']],
    [['status', '-o', 'json', '--w'], ['--watch', ':4']],
    [['rebuild', '--context', ''], [':4']],
    [['rebuild', 'x'], [':4']],
    [['nonsense', '--'], ['--version', ':4']],
  ])('%j offers %j', async (words, expected) => {
    expect(wordsOf(await completed(...words))).toEqual(expected);
  });

  it('an environment file is left to the shell', async () => {
    expect(await completed('rebuild', '-f', 'con')).toEqual([':0']);
    expect(await completed('rebuild', '--file', '')).toEqual([':0']);
  });
});

describe('called as a plugin of kubectl, it says so', () => {
  it('in the help of the program and of each command', async () => {
    expect((await type(['--help'], 'kubectl changeover')).out).toContain('Usage: kubectl changeover [options] [command]');
    const { out } = await type(['rebuild', '--help'], 'kubectl changeover');
    expect(out).toContain('Usage: kubectl changeover rebuild');
    expect(out).toContain('  $ kubectl changeover rebuild -f config/');
  });

  it('in what it advises: commands that can be copied', async () => {
    const { exitCode, err } = await type(['rebild'], 'kubectl changeover');
    expect([exitCode, err.endsWith('See: kubectl changeover --help\n')]).toEqual([2, true]);
    expect((await type(['validate', '-f', 'gone.yaml'], 'kubectl changeover')).err).toContain('kubectl changeover validate -f gone.yaml');
  });
});
