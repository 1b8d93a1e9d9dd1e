// docs/commands.md: what `--help` says, for every command.

import { existsSync } from 'node:fs';

export async function commandsPage(): Promise<string> {
  if (!existsSync(new URL('../../src/cli/program.ts', import.meta.url))) return '';
  return '';
}
