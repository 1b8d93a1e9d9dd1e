// `changeover plan`

import { Argument } from 'commander';
import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const plan: Define = (program, host, ends) => {
  const command = program
    .command('plan')
    .description('Print everything that a run would write, and write nothing; exit code 5 when a guard does not hold')
    .addArgument(new Argument('[operation]', 'what would be run').choices(['rebuild', 'rehearse', 'rollback', 'prune']).default('rebuild'))
    .option('--to <release>', 'with rollback: the release to go back to');
  withExamples(withOutput(withContext(withFiles(command))), 'plan -f config/prod.yaml', 'plan rollback -f config/prod.yaml -o json').action(
    async (operation: 'rebuild' | 'rehearse' | 'rollback' | 'prune', options: ReadingOptions & { readonly to?: string }) => {
      const { planCommand } = await import('./reading.ts');
      ends(await planCommand(operation === 'rollback' ? { operation, to: options.to } : { operation }, options, host));
    },
  );
};
