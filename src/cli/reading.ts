// `plan`, `status`, `history` and `diagnose` behind their options: reads, and prints data on standard output.

import { loadEnvironment } from '../config/load.ts';
import { nearest } from '../config/nearest.ts';
import { gatherDiagnosis } from '../diagnose/gather.ts';
import { printDiagnosis } from '../diagnose/print.ts';
import { Failure, type ExitCode } from '../errors.ts';
import { observeReleases } from '../observe/observe.ts';
import { print } from '../report/format.ts';
import { historyText, runText } from '../report/history.ts';
import { planText, planView } from '../report/plan.ts';
import { statusText } from '../report/status.ts';
import type { RunRecord } from '../run/record.ts';
import { assertRightCluster, intend, type Intent } from '../session/intend.ts';
import type { Reading } from '../session/session.ts';
import { readHistory, readStatus } from '../session/status.ts';
import type { Host } from './io.ts';
import type { ReadingOptions } from './options.ts';
import { tellFailure } from './tell.ts';

const watchPauseMs = 2_000;

export async function planCommand(intent: Intent, options: ReadingOptions, host: Host): Promise<ExitCode> {
  return reading(options, host, async (opened) => {
    const view = planView(await intend(opened, intent, host.identities.suffix()));
    host.io.stdout(print(view, options.output, planText));
    return view.guards.every(({ holds }) => holds) ? 0 : 5;
  });
}

export async function statusCommand(options: ReadingOptions & { readonly watch?: boolean }, host: Host): Promise<ExitCode> {
  return reading(options, host, async (opened) => {
    if (options.watch === true) return watchStatus(opened, options, host);
    host.io.stdout(print(await readStatus(opened), options.output, (status) => statusText(status, host.io.now())));
    return 0;
  });
}

/** Prints what has changed since it was printed last, until the process is asked to stop. */
async function watchStatus(opened: Reading, { output }: ReadingOptions, { io, clock, stop }: Host): Promise<ExitCode> {
  let shown = '';
  while (!stop.aborted) {
    const status = await readStatus(opened).catch((error: unknown) => stopped(error, stop));
    if (status === undefined) break;
    // The time of the last renewal changes with every look, and would make every look a change.
    const { holder, ...rest } = status;
    const present = JSON.stringify({ ...rest, holder: holder?.holder });
    if (present !== shown) io.stdout(`${shown === '' || output !== 'text' ? '' : '\n'}${print(status, output, (data) => statusText(data, io.now()))}`);
    shown = present;
    await clock.sleep(watchPauseMs, stop).catch(() => undefined);
  }
  return 0;
}

/** To be stopped is how a watch ends, also in the middle of a look. */
function stopped(error: unknown, stop: AbortSignal): undefined {
  if (!stop.aborted) throw error;
}

export async function historyCommand(id: string | undefined, options: ReadingOptions, host: Host): Promise<ExitCode> {
  return reading(options, host, async (opened) => {
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
  return reading(options, host, async (opened) => {
    const { environment, drivers, clock, stop: signal } = opened;
    const known = await observeReleases({ environment, drivers, clock, signal });
    if (!known.some(({ name }) => name === release)) throw noRelease(release, known.map(({ name }) => name));
    const columns = host.io.isTerminal ? host.io.columns : Number.POSITIVE_INFINITY;
    host.io.stdout(print(await gatherDiagnosis(drivers, { release, environment, clock, signal }), options.output, (found) => printDiagnosis(found, { columns })));
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

async function reading(options: ReadingOptions, host: Host, read: (opened: Reading) => Promise<ExitCode>): Promise<ExitCode> {
  try {
    const environment = await loadEnvironment(options.file, host.cwd);
    const drivers = await host.connect(environment, { context: options.context });
    const opened: Reading = { environment, drivers, clock: host.clock, stop: host.stop };
    await assertRightCluster(opened);
    return await read(opened);
  } catch (error) {
    return tellFailure(error, host, { invocation: { files: options.file, context: options.context } });
  }
}
