// `changeover cancel`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export interface CancelOptions extends ReadingOptions {
  readonly wait: boolean;
}

export const cancel: Define = (program, host, ends) => {
  const command = program
    .command('cancel')
    .description('Stop the run that is going on and unwind it: nothing half-done stays. Once the previous release is being removed it is completed instead')
    .option('--no-wait', 'only ask whoever runs it; default: show what happens until it is over');
  withExamples(withOutput(withContext(withFiles(command))), 'cancel -f config/prod.yaml').action(async (options: CancelOptions) => {
    const { cancelCommand } = await import('./cancel-command.ts');
    ends(await cancelCommand(options, host));
  });
};
