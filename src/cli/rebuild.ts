// `changeover rebuild`

import type { Define } from './program.ts';
import { withExamples, withRun, withSchedule, type RunningOptions } from './options.ts';

export const rebuild: Define = (program, host, ends) => {
  const command = program.command('rebuild').description('Build a new release, and move the public over to it');
  withExamples(withSchedule(withRun(command)), 'rebuild -f config/prod.yaml').action(async (options: RunningOptions) => {
    const { runCommand } = await import('./run-command.ts');
    ends(await runCommand({ operation: 'rebuild' }, options, host));
  });
};
