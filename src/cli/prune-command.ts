// `prune` behind its options: lists, or runs the operation that removes what is listed.

import type { ExitCode } from '../errors.ts';
import { neededAccess } from '../plan/access.ts';
import { commandLine } from '../report/commands.ts';
import { print } from '../report/format.ts';
import { pruneText, pruneView } from '../report/prune.ts';
import { intend } from '../session/intend.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { PruneCommandOptions } from './prune.ts';
import { reading } from './reading.ts';
import { runCommand } from './run-command.ts';

export async function pruneCommand(options: PruneCommandOptions, host: Host): Promise<ExitCode> {
  const older = options.older ?? false;
  if (options.yes === true) return runCommand({ operation: 'prune', older }, options, host);
  return reading({ host, options, words: 'prune' }, async (opened) => {
    const intended = await intend(opened, { operation: 'prune', older }, { suffix: '', questions: (access) => neededAccess(opened.environment, access) });
    const view = pruneView(intended, { older });
    const command = commandLine(older ? 'prune --yes --older' : 'prune --yes', invocationOf(options, host));
    host.io.stdout(print(view, options.output, (data) => pruneText(data, { now: host.io.now(), command })));
    return view.guards.every(({ holds }) => holds) ? 0 : 5;
  });
}
