// `changeover logs`

import { Option } from 'commander';
import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, type CommonOptions } from './options.ts';

export interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly run?: string;
  readonly job?: string;
  readonly output: 'text' | 'json';
}

export const logs: Define = (program, host, ends) => {
  const command = program
    .command('logs')
    .description('Show what the installed runner has told: all pods of its latest Job, in order')
    .option('-F, --follow', 'go on until the Job has ended')
    .addOption(new Option('--run <id>', 'of the Job that did this run; its last five characters will do').conflicts('job'))
    .option('--job <name>', 'of this Job')
    .addOption(new Option('-o, --output <format>', 'as a run shows itself, or the lines as they are').choices(['text', 'json']).default('text'));
  withExamples(withContext(withFiles(command)), 'logs -f config/prod.yaml', 'logs --follow -f config/prod.yaml', 'logs --run 2hpwr -o json -f config/prod.yaml').action(async (options: LogsOptions) => {
    const { logsCommand } = await import('./logs-command.ts');
    ends(await logsCommand(options, host));
  });
};
