// docs/commands.md: what `--help` says, for every command.

import { setTimeout } from 'node:timers/promises';
import { createProgram, run } from '../../src/cli/program.ts';
import type { Host } from '../../src/cli/io.ts';

const introduction = `# Commands

<!-- Made by \`npm run generate\` from \`changeover COMMAND --help\`: do not edit. -->

From a checkout: \`npm run -s changeover -- COMMAND …\`; installed: \`changeover COMMAND …\`. Data goes to standard output, talk to
standard error. Exit codes and errors: [errors.md](errors.md).
`;

export async function commandsPage(): Promise<string> {
  const names = createProgram(hostWriting(() => undefined), () => undefined).commands.map((command) => command.name());
  const pages = await Promise.all([[], ...names.map((name) => [name])].map(helpOf));
  return [introduction, ...pages].join('\n');
}

async function helpOf(words: readonly string[]): Promise<string> {
  const written: string[] = [];
  await run([...words, '--help'], hostWriting((text) => written.push(text)));
  return `## changeover ${words.join(' ')}`.trimEnd() + `\n\n\`\`\`\n${written.join('').trimEnd()}\n\`\`\`\n`;
}

/** Help asks nothing of its surroundings but where to write, and how wide. */
function hostWriting(write: (text: string) => unknown): Host {
  return {
    io: { stdout: write, stderr: write, isTerminal: false, columns: 100, rows: 24, color: false, now: () => 0 },
    clock: { now: () => 0, sleep: (ms) => setTimeout(ms) },
    stop: new AbortController().signal,
    identities: { suffix: () => 'xxxxx', holder: 'nobody' },
    inCluster: false,
    cwd: '/',
    connect: () => Promise.reject(new Error('help connects to nothing')),
  };
}
