// `changeover prune`

import { Option } from 'commander';
import type { Define } from './program.ts';
import { logKinds, withContext, withExamples, withFiles, withOutput, withSchedule, type ReadingOptions, type RunningOptions } from './options.ts';

export interface PruneCommandOptions extends ReadingOptions, RunningOptions {
  readonly yes?: boolean;
  readonly older?: boolean;
}

export const prune: Define = (program, host, ends) => {
  const command = program
    .command('prune')
    .description('List what earlier runs left behind, each with the reason; remove it with --yes. Never what a name points to, never what a rollback returns to')
    .option('--yes', 'remove what is listed')
    .option('--older', 'also releases that served the public once, and that a rollback does not return to')
    .addOption(new Option('--log <kind>', 'with --yes: how progress is shown').choices(logKinds).default('auto'));
  withExamples(withOutput(withSchedule(withContext(withFiles(command)))), 'prune -f config/prod.yaml', 'prune --yes -f config/prod.yaml').action(
    async (options: PruneCommandOptions) => {
      const { pruneCommand } = await import('./prune-command.ts');
      ends(await pruneCommand(options, host));
    },
  );
};
