// `adopt` behind its options: tells what it would write, or writes it.

import type { ExitCode } from '../errors.ts';
import { adoptionText, adoptionView, givingBackText } from '../report/adopt.ts';
import { commandLine } from '../report/commands.ts';
import { print } from '../report/format.ts';
import { adopt, assertAdopted, giveBack, planAdoption } from '../session/adopt.ts';
import type { AdoptOptions } from './adopt.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import { opening } from './opening.ts';

export async function adoptCommand(namespace: string, options: AdoptOptions, host: Host): Promise<ExitCode> {
  const words = `adopt ${namespace}${options.undo === true ? ' --undo' : ''}`;
  const command = commandLine(`${words} --yes`, invocationOf(options, host));
  const written = options.yes === true;
  return opening({ host, options, words }, async (session) => {
    if (options.undo === true) {
      await (written ? giveBack(namespace, session) : assertAdopted(namespace, session));
      host.io.stdout(print({ namespace, undone: written }, options.output, (data) => givingBackText(data, command)));
      return 0;
    }
    const plan = written ? await adopt(namespace, session) : await planAdoption(namespace, session);
    const view = adoptionView(plan, { environment: session.environment.environment, written });
    host.io.stdout(print(view, options.output, (data) => adoptionText(data, command)));
    return 0;
  });
}
