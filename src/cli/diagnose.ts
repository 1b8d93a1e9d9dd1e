// `changeover diagnose`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const diagnose: Define = (program, host, ends) => {
  const command = program
    .command('diagnose')
    .description('Say what is wrong with a release: pods and why they do not run, events, addresses, names')
    .argument('<release>', 'a release of this environment');
  withExamples(withOutput(withContext(withFiles(command))), 'diagnose prod-2hpwr -f config/prod.yaml').action(async (release: string, options: ReadingOptions) => {
    const { diagnoseCommand } = await import('./reading.ts');
    ends(await diagnoseCommand(release, options, host));
  });
};
