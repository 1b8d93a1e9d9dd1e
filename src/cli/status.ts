// `changeover status`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const status: Define = (program, host, ends) => {
  const command = program
    .command('status')
    .description('Show the run, the releases, and what each public name points to')
    .option('-w, --watch', 'go on until interrupted, and show every change');
  withExamples(withOutput(withContext(withFiles(command))), 'status -f config/prod.yaml', 'status -w -f config/prod.yaml').action(
    async (options: ReadingOptions & { readonly watch?: boolean }) => {
      const { statusCommand } = await import('./reading.ts');
      ends(await statusCommand(options, host));
    },
  );
};
