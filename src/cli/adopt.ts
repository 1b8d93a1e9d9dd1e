// `changeover adopt`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export interface AdoptOptions extends ReadingOptions {
  readonly yes?: boolean;
  readonly undo?: boolean;
}

export const adopt: Define = (program, host, ends) => {
  const command = program
    .command('adopt')
    .description('Take over a release that was installed by hand or by the classic builder, so that the first rebuild moves away from it. Prints what it will write; --yes writes it')
    .argument('<namespace>', 'where that release is installed')
    .option('--yes', 'write it')
    .option('--undo', 'give an adopted release back: with --yes its marks are removed, and nothing else');
  withExamples(withOutput(withContext(withFiles(command))), 'adopt portal-abcde -f config/prod.yaml', 'adopt portal-abcde --yes -f config/prod.yaml').action(
    async (namespace: string, options: AdoptOptions) => {
      const { adoptCommand } = await import('./adopt-command.ts');
      ends(await adoptCommand(namespace, options, host));
    },
  );
};
