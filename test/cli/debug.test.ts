// `--debug`, which every command takes that asks an outside system: it must do what its help says.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { bareHost } from './bare-host.ts';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  await shell.type('rebuild -f prod.yaml');
});
afterEach(() => shell.close());

const withDebug = createProgram(bareHost({ columns: 80 }, () => undefined), () => undefined).commands.filter(({ options }) => options.some(({ long }) => long === '--debug'));
const words: Readonly<Record<string, string>> = { adopt: 'adopt prod-r0001', diagnose: 'diagnose prod-r0001' };

test('the commands that ask an outside system have it', () => {
  expect(withDebug.length).toBeGreaterThanOrEqual(14);
});

test.each(withDebug.map((command) => command.name()))('%s tells of its calls, and without it of none', async (name) => {
  const line = `${words[name] ?? name} -f prod.yaml`;
  expect((await shell.type(`${line} --debug`)).stderr).toMatch(/debug: cluster\.identity: done in \d+ ms\n/);
  expect((await shell.type(line)).stderr).not.toContain('debug:');
});
