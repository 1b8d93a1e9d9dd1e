// `changeover rollback`

import type { Define } from './program.ts';
import { withExamples, withRun, type RunningOptions } from './options.ts';

export const rollback: Define = (program, host, ends) => {
  const command = program
    .command('rollback')
    .description('Move the public back to an earlier release, with the same care')
    .option('--to <release>', 'the release to go back to; default: the one that was live last');
  withExamples(withRun(command), 'rollback -f config/prod.yaml', 'rollback --to prod-2hpwr -f config/prod.yaml').action(
    async (options: RunningOptions & { readonly to?: string }) => {
      const { runCommand } = await import('./run-command.ts');
      ends(await runCommand({ operation: 'rollback', to: options.to }, options, host));
    },
  );
};
