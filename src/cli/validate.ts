// `changeover validate`

import type { Define } from './program.ts';
import { withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const validate: Define = (program, host, ends) => {
  const command = program.command('validate').description('Check environment files, and say what they mean; asks no cluster');
  withExamples(withOutput(withFiles(command)), 'validate -f config/prod.yaml').action(async (options: ReadingOptions) => {
    const { validateCommand } = await import('./validate-command.ts');
    ends(await validateCommand(options, host));
  });
};
