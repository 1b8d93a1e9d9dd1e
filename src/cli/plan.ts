// `changeover plan`

import { Argument } from 'commander';
import { Failure } from '../errors.ts';
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
      if (operation !== 'rollback' && options.to !== undefined) {
        throw new Failure('UsageInvalid', { summary: `--to is for plan rollback, and this is plan ${operation}`, next: `To plan the way back: changeover plan rollback --to ${options.to}` });
      }
      const { planCommand } = await import('./reading.ts');
      ends(await planCommand(operation === 'rollback' ? { operation, to: options.to } : { operation }, options, host));
    },
  );
};
