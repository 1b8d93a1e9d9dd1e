// `changeover rehearse`

import type { Define } from './program.ts';
import { withExamples, withRun, withSchedule, type RunningOptions } from './options.ts';

export const rehearse: Define = (program, host, ends) => {
  const command = program.command('rehearse').description('Do everything up to the move, then remove the new release again');
  withExamples(withSchedule(withRun(command)), 'rehearse -f config/prod.yaml').action(async (options: RunningOptions) => {
    const { runCommand } = await import('./run-command.ts');
    ends(await runCommand({ operation: 'rehearse' }, options, host));
  });
};
