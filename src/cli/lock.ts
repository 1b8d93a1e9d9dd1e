// `changeover lock`

import { Argument } from 'commander';
import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export interface LockOptions extends ReadingOptions {
  readonly reason?: string;
  readonly force?: boolean;
}

export type LockAction = 'status' | 'acquire' | 'release';

export const lock: Define = (program, host, ends) => {
  const command = program
    .command('lock')
    .description('Keep everybody from beginning a run, and allow it again. A run that is under way is not disturbed')
    .addArgument(new Argument('[action]', 'what to do').choices(['status', 'acquire', 'release']).default('status'))
    .option('--reason <text>', 'with acquire: why; everybody who is refused is told')
    .option('--force', 'with release: also take the lock from a runner that hangs; if it is alive, it stops and its run is left to the next one');
  withExamples(withOutput(withContext(withFiles(command))), 'lock acquire --reason "the database moves" -f config/prod.yaml', 'lock release -f config/prod.yaml').action(
    async (action: LockAction, options: LockOptions) => {
      const { lockCommand } = await import('./lock-command.ts');
      ends(await lockCommand(action, options, host));
    },
  );
};
