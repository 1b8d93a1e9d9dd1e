// `changeover history`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const history: Define = (program, host, ends) => {
  const command = program
    .command('history')
    .description('List the runs, newest first, or show one with its steps')
    .argument('[run]', 'id of a run, or its last five characters');
  withExamples(withOutput(withContext(withFiles(command))), 'history -f config/prod.yaml', 'history 20261121-104512-2hpwr -f config/prod.yaml').action(
    async (run: string | undefined, options: ReadingOptions) => {
      const { historyCommand } = await import('./reading.ts');
      ends(await historyCommand(run, options, host));
    },
  );
};
