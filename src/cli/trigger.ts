// `changeover trigger`

import { Option } from 'commander';
import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export interface TriggerOptions extends ReadingOptions {
  readonly operation: string;
  readonly detach?: boolean;
}

export const trigger: Define = (program, host, ends) => {
  const command = program
    .command('trigger')
    .description('Start the installed runner now, in the cluster, and follow it to its end; exits with its exit code')
    .addOption(new Option('--operation <name>', 'what to start').choices(['rebuild', 'rehearse', 'prune']).default('rebuild'))
    .option('--detach', 'only start it');
  withExamples(withOutput(withContext(withFiles(command))), 'trigger -f config/prod.yaml', 'trigger --operation rehearse --detach -f config/prod.yaml').action(async (options: TriggerOptions) => {
    const { triggerCommand } = await import('./trigger-command.ts');
    ends(await triggerCommand(options, host));
  });
};
