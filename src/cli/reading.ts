// `plan`, `status`, `history` and `diagnose` behind their options: reads, and prints data on standard output.

import { loadEnvironment } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { gatherDiagnosis } from '../diagnose/gather.ts';
import { printDiagnosis } from '../diagnose/print.ts';
import { asFailure } from '../drivers/failure.ts';
import { catalogue, Failure, type ExitCode } from '../errors.ts';
import { observeReleases } from '../observe/observe.ts';
import { neededAccess } from '../plan/access.ts';
import { print } from '../report/format.ts';
import { historyText, runText } from '../report/history.ts';
import { planText, planView } from '../report/plan.ts';
import { statusText } from '../report/status.ts';
import type { RunRecord } from '../run/record.ts';
import { orStopped } from '../run/stop.ts';
import { assertRightCluster, intend, type Intent } from '../session/intend.ts';
import type { Reading } from '../session/session.ts';
import { readHistory, readStatus } from '../session/status.ts';
import { connectDrivers } from './connect.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { ReadingOptions } from './options.ts';
import { tellFailure } from './tell.ts';

const watchPauseMs = 2_000;

export async function planCommand(intent: Intent, options: ReadingOptions, host: Host): Promise<ExitCode> {
  const words = intent.operation === 'rollback' && intent.to !== undefined ? `plan rollback --to ${intent.to}` : `plan ${intent.operation}`;
  return reading({ host, options, words }, async (opened) => {
    const view = planView(await intend(opened, intent, { suffix: host.identities.suffix(), questions: (access) => neededAccess(opened.environment, access) }));
    host.io.stdout(print(view, options.output, planText));
    return view.guards.every(({ holds }) => holds) ? 0 : 5;
  });
}

export async function statusCommand(options: ReadingOptions & { readonly watch?: boolean }, host: Host): Promise<ExitCode> {
  const words = options.watch === true ? 'status -w' : 'status';
  const ended = await reading({ host, options, words }, async (opened) => {
    if (options.watch === true) return watchStatus(opened, options, host);
    const status = await readStatus(opened);
    host.io.stdout(print(status, options.output, (data) => statusText(data, host.io.now())));
    return status.unreadable === undefined ? 0 : catalogue.RecordUnreadable.exitCode;
  });
  // To be stopped is how a watch ends, also in the middle of a look.
  return options.watch === true && host.stop.aborted ? 0 : ended;
}

/** Prints what has changed since it was printed last, until the process is asked to stop. */
async function watchStatus(opened: Reading, { output }: ReadingOptions, { io, clock, stop }: Host): Promise<ExitCode> {
  let shown = '';
  while (!stop.aborted) {
    const status = await readStatus(opened);
    // The time of the last renewal changes with every look, and would make every look a change.
    const { holder, ...rest } = status;
    const present = JSON.stringify({ ...rest, holder: holder?.holder });
    if (present !== shown) io.stdout(`${shown === '' || output !== 'text' ? '' : '\n'}${print(status, output, (data) => statusText(data, io.now()))}`);
    shown = present;
    await clock.sleep(watchPauseMs, stop).catch(() => undefined);
  }
  return 0;
}

export async function historyCommand(id: string | undefined, options: ReadingOptions, host: Host): Promise<ExitCode> {
  return reading({ host, options, words: id === undefined ? 'history' : `history ${id}` }, async (opened) => {
    const runs = await readHistory(opened);
    host.io.stdout(id === undefined ? print(runs, options.output, historyText) : print(findRun(runs, id), options.output, runText));
    return 0;
  });
}

function findRun(runs: readonly RunRecord[], id: string): RunRecord {
  const found = runs.find((run) => run.id === id) ?? runs.find((run) => run.id.endsWith(`-${id}`));
  if (found !== undefined) return found;
  throw new Failure('UsageInvalid', { summary: `there is no run ${id}`, next: 'See which there are: changeover history' });
}

export async function diagnoseCommand(release: string, options: ReadingOptions, host: Host): Promise<ExitCode> {
  return reading({ host, options, words: `diagnose ${release}` }, async (opened) => {
    const { environment, drivers, clock, stop: signal } = opened;
    const known = await observeReleases({ environment, drivers, clock, signal });
    const found = known.find(({ name }) => name === release);
    if (found === undefined) throw noRelease(release, known.map(({ name }) => name));
    const columns = host.io.isTerminal ? host.io.columns : Number.POSITIVE_INFINITY;
    host.io.stdout(print(await gatherDiagnosis(drivers, { release, helmRelease: found.helmRelease, environment, clock, signal }), options.output, (diagnosis) => printDiagnosis(diagnosis, { columns })));
    return 0;
  });
}

/** A namespace that is not ours may be looked at with kubectl; here it would be taken for a release. */
function noRelease(release: string, known: readonly string[]): Failure {
  const guess = nearest(release, known);
  const there = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
  return new Failure('UsageInvalid', {
    summary: `there is no release ${release} of this environment; ${guess === undefined ? there : `did you mean ${guess}?`}`,
    next: 'See which there are: changeover status',
  });
}

interface Reader {
  readonly host: Host;
  readonly options: ReadingOptions;
  /** As typed: `history 2hpwr`. */
  readonly words: string;
}

export async function reading({ host, options, words }: Reader, read: (opened: Reading) => Promise<ExitCode>): Promise<ExitCode> {
  const { clock, stop, io } = host;
  try {
    const environment = await loadEnvironment(options.file, host.cwd);
    const drivers = await connectDrivers(environment, options, { host, debug: (line) => io.stderr(`debug: ${line}\n`) });
    const opened: Reading = { environment, drivers, clock, stop, say: (line) => io.stderr(`${line}\n`) };
    await assertRightCluster(opened);
    return await orStopped(read(opened), stop);
  } catch (error) {
    // Nothing was begun: whoever stopped it knows all there is to tell.
    if (stop.aborted) return asFailure(stop.reason).exitCode;
    return tellFailure(error, host, { invocation: invocationOf(options, host), run: { operation: words } });
  }
}
