// `changeover doctor`

import type { Define } from './program.ts';
import { withContext, withExamples, withFiles, withOutput, type ReadingOptions } from './options.ts';

export const doctor: Define = (program, host, ends) => {
  const command = program.command('doctor').description('Look whether all that a run needs is there: permissions, namespace, Helm, chart, DNS, secrets, clock, schedule, room, quota. Writes nothing; exit code 1 when anything is not');
  withExamples(withOutput(withContext(withFiles(command))), 'doctor -f config/prod.yaml').action(async (options: ReadingOptions) => {
    const { doctorCommand } = await import('./doctor-command.ts');
    ends(await doctorCommand(options, host));
  });
};
