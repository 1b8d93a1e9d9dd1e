// The command line as a whole: parses, finds the command, turns every end into an exit code. Loads a command only to run it.

import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { ExitCode } from '../errors.ts';
import { adopt } from './adopt.ts';
import { cancel } from './cancel.ts';
import { complete } from './complete.ts';
import { diagnose } from './diagnose.ts';
import { doctor } from './doctor.ts';
import { history } from './history.ts';
import type { Host } from './io.ts';
import { lock } from './lock.ts';
import { logs } from './logs.ts';
import { plan } from './plan.ts';
import { prune } from './prune.ts';
import { rebuild } from './rebuild.ts';
import { rehearse } from './rehearse.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { trigger } from './trigger.ts';
import { validate } from './validate.ts';

/** Registers one command; what it resolves to becomes the exit code. */
export type Define = (program: Command, host: Host, ends: (code: ExitCode) => void) => void;

/** In the order in which `--help` lists them. */
const commands: readonly Define[] = [rebuild, rehearse, plan, validate, status, history, rollback, trigger, logs, cancel, diagnose, prune, lock, adopt, doctor];

/** As Cobra calls it, whose protocol it is. */
export const completionWord = '__complete';

/** Runs one command line, without the program's own name. Never rejects; see errors.ts for the exit codes. */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(host, (code) => {
    exitCode = code;
  });
  if (argv[0] === completionWord) {
    host.io.stdout(complete(program, argv.slice(1)));
    return 0;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has told the user already; its own codes mean help or wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { tellFailure } = await import('./tell.ts');
    return tellFailure(error, host);
  }
}

export function createProgram(host: Host, ends: (code: ExitCode) => void): Command {
  const name = host.program ?? 'changeover';
  const program = new Command(name)
    .description('Rebuilds a production from nothing and moves the public over to it')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.io.stdout(text),
      writeErr: (text) => host.io.stderr(text),
      getOutHelpWidth: () => Math.min(host.io.columns, 100),
      getErrHelpWidth: () => Math.min(host.io.columns, 100),
    })
    .showHelpAfterError(`See: ${name} --help`)
    .addHelpText('after', exitCodes);
  for (const define of commands) define(program, host, ends);
  for (const command of program.commands) command.showHelpAfterError(`See: ${name} ${command.name()} --help`);
  return program;
}

const exitCodes = `
Exit codes:
  0  done
  1  failed; production untouched or restored, also where somebody else changed a name meanwhile
  2  configuration or usage
  3  failed after the swap, and swapped back
  4  needs a human
  5  refused: locked, a guard, too soon, not as planned any more
  75  held up: it lost its lock, or could not write its record or reach what an earlier run left unfinished; the next run resumes it
  130, 143  stopped by SIGINT or SIGTERM; the next run resumes it`;
