// `rebuild`, `rehearse` and `rollback` behind their options: opens the session, shows the run, tells how it ended.

import { loadEnvironment } from '../config/load.ts';
import type { Environment } from '../config/environment.ts';
import { Failure, type ExitCode } from '../errors.ts';
import { asFailure } from '../drivers/failure.ts';
import { operations } from '../operations/operations.ts';
import { completed, type Invocation } from '../report/commands.ts';
import { printable } from '../report/printable.ts';
import { productionText } from '../report/status.ts';
import { successSummary, type FailedRun } from '../report/summary.ts';
import type { RunEvent } from '../run/events.ts';
import type { RunRecord } from '../run/record.ts';
import type { Intent } from '../session/intend.ts';
import { perform } from '../session/perform.ts';
import type { Session } from '../session/session.ts';
import { lookAround, type Look, type Status } from '../session/status.ts';
import type { Performed } from '../session/unfinished.ts';
import { connectDrivers } from './connect.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { RunningOptions } from './options.ts';
import { chooseTalk, type ChosenTalk } from './talk.ts';
import { pageOf, reported, tellFailure } from './tell.ts';

interface Telling {
  readonly host: Host;
  readonly chosen: ChosenTalk;
  readonly invocation: Invocation;
  /** As typed: `rollback --to prod-2hpwr`. */
  readonly words: string;
}

export async function runCommand(intent: Intent, options: RunningOptions, host: Host): Promise<ExitCode> {
  const chosen = await chooseTalk(host, options.log);
  const telling: Telling = { host, chosen, invocation: invocationOf(options, host), words: wordsOf(intent) };
  try {
    const environment = await loadEnvironment(options.file, host.cwd);
    const drivers = await connectDrivers(environment, options, { host, debug: (line) => chosen.talk.debug(line) });
    return await runSession({ environment, drivers }, intent, { ...telling, fresh: options.fresh ?? false, scheduled: options.scheduled ?? false });
  } catch (error) {
    chosen.talk.end();
    return tellRefusal(asFailure(error), telling);
  }
}

function wordsOf(intent: Intent): string {
  if (intent.operation === 'prune') return intent.older === true ? 'prune --yes --older' : 'prune --yes';
  return intent.operation === 'rollback' && intent.to !== undefined ? `rollback --to ${intent.to}` : intent.operation;
}

interface Running extends Telling {
  readonly fresh: boolean;
  readonly scheduled: boolean;
}

async function runSession(opened: Pick<Session, 'environment' | 'drivers'>, intent: Intent, running: Running): Promise<ExitCode> {
  const { clock, stop, identities } = running.host;
  const { talk } = running.chosen;
  const seen = watchEvents();
  const session: Session = {
    ...opened,
    clock,
    stop,
    identities,
    say: (line) => talk.say(line),
    report: (event) => {
      seen.take(event);
      talk.report(event);
    },
  };
  const tellStop = (): void => talk.say(`${asFailure(stop.reason).facts.summary}: it ends in order; asked once more it ends at once, and the next run takes over`);
  stop.addEventListener('abort', tellStop, { once: true });
  const performed = await perform(session, intent, running).finally(() => stop.removeEventListener('abort', tellStop));
  talk.end();
  const told = { performed, seen, look: await lookAfter(session, performed), environment: opened.environment };
  if (performed.failure === undefined) tellSuccess(told, running);
  else tellFailedRun(told, performed.failure, running);
  return performed.exitCode;
}

interface Seen {
  take(event: RunEvent): void;
  /** Title of the step that failed last. */
  failedStep(): string | undefined;
  durationMs(): number;
}

function watchEvents(): Seen {
  let failedStep: string | undefined;
  let durationMs = 0;
  return {
    take(event) {
      if (event.type === 'runStarted') failedStep = undefined;
      if (event.type === 'stepFailed' || event.type === 'undoFailed') failedStep = event.title;
      if (event.type === 'runEnded') durationMs = event.durationMs;
    },
    failedStep: () => failedStep,
    durationMs: () => durationMs,
  };
}

/** Nothing when there is no time left to ask. */
async function lookAfter(session: Session, { outcome }: Performed): Promise<Look> {
  if (outcome === 'interrupted') return { status: undefined };
  // The process may have been asked to stop meanwhile; this last look is still wanted.
  const { signal } = new AbortController();
  return lookAround({ ...session, stop: signal });
}

interface Told {
  readonly performed: Performed;
  readonly seen: Seen;
  readonly look: Look;
  readonly environment: Environment;
}

function tellSuccess({ performed: { record }, seen, look }: Told, { host, chosen, invocation }: Telling): void {
  const durationMs = seen.durationMs();
  if (chosen.kind === 'json') return chosen.talk.tell('info', `${record.operation} of ${record.environment} is done`, { type: 'summary', ...resultOf(record, look), durationMs });
  const ended = printable({ record, ...look, durationMs });
  host.io.stderr(successSummary({ ...ended, titles: titlesOf(record) }, invocation, pageOf(host)));
}

/** Without the record's inner details: it is kept in the cluster. */
function resultOf({ id: run, operation, outcome, warnings }: RunRecord, { status, unread }: Look): object {
  return { run, operation, outcome, warnings, releases: status?.releases, names: status?.names, cordoned: status?.cordoned, unread };
}

function tellFailedRun({ performed, seen, look: { status }, environment }: Told, failure: Failure, telling: Telling): void {
  const { record, outcome } = performed;
  const production = productionOf(performed, status);
  const release = candidateOf(record);
  const isGone = status !== undefined && !status.releases.some(({ name }) => name === release);
  const operation = telling.words;
  const details = [...beganWith(record, failure), ...(failure.facts.details ?? [])];
  const told = { ...failure.facts, details, next: nextAfter(failure, { isGone, isStopped: outcome === 'interrupted', operation }) };
  tellEnd(new Failure(failure.code, told), { outcome, production, step: seen.failedStep(), environment: environment.environment, run: record.id, operation, release }, telling);
}

/** When putting things back fails too, what went wrong first must not be forgotten. */
function beganWith({ failure: first }: RunRecord, { code, facts }: Failure): readonly string[] {
  if (code !== 'UndoFailed' || first === undefined || first.summary === facts.summary) return [];
  return [`it began with: ${first.summary}`];
}

interface After {
  readonly isGone: boolean;
  readonly isStopped: boolean;
  readonly operation: string;
}

/** What the catalogue cannot know: what was run, and whether there is anything left to diagnose. */
function nextAfter({ code, next }: Failure, { isGone, isStopped, operation }: After): string {
  // Of its last word it may only not have heard that it was written: to ask for the same again would be one rollback more.
  if (isStopped && code !== 'Interrupted') return `See how far it came (changeover status). If it has not ended, resume it: changeover ${operation}`;
  if (isStopped) return `Resume it, or begin anew with --fresh: changeover ${operation}`;
  if (!isGone || !next.includes('diagnose')) return next;
  return 'The candidate was removed (release.onFailure: keep leaves it for a look). Correct the cause above, then start the run again';
}

/** Before a run: nothing was touched. Of what is a fault of this program that is not claimed. */
function tellRefusal(failure: Failure, telling: Telling): ExitCode {
  const isStopped = failure.code === 'Interrupted';
  const touched = failure.exitCode === 2 || failure.exitCode === 4 || failure.code === 'Unexpected' || failure.code === 'LockLost';
  const told = isStopped ? new Failure('Interrupted', { ...failure.facts, next: 'To start the run again' }) : failure;
  const production = touched ? {} : { production: 'untouched: no run was begun' };
  tellEnd(told, { outcome: isStopped ? 'interrupted' : 'failed', operation: telling.words, ...production }, telling);
  return failure.exitCode;
}

function tellEnd(failure: Failure, run: Partial<FailedRun>, { host, chosen, invocation }: Telling): void {
  if (chosen.kind === 'text') {
    tellFailure(failure, host, { invocation, run });
  } else {
    const told = reported(failure);
    chosen.talk.tell('error', failure.message, { type: 'summary', ...run, failure: { ...told, next: completed(told.next, run, invocation) } });
  }
}

function productionOf({ record, outcome, failure }: Performed, status: Status | undefined): string {
  const moved = movedNames(record);
  if (outcome === 'interrupted') return moved ? 'the names may have moved; see: changeover status' : 'untouched: no name was moved';
  if (status === undefined) return `${moved ? 'the names had been moved' : 'no name was moved'}; its present state could not be read`;
  const prefix = outcome === 'needsHuman' || failure?.code === 'LockLost' ? '' : moved ? 'restored: ' : 'untouched: ';
  return `${prefix}${productionText(status)}`;
}

function movedNames({ operation, steps }: RunRecord): boolean {
  const moving = (operations[operation]?.steps ?? []).filter(({ affectsPublic }) => affectsPublic === true).map(({ name }) => name);
  return steps.some(({ name, state }) => moving.includes(name) && state !== 'pending' && state !== 'skipped');
}

function titlesOf({ operation }: RunRecord): ReadonlyMap<string, string> {
  return new Map((operations[operation]?.steps ?? []).map(({ name, title }) => [name, title]));
}

function candidateOf({ plan }: RunRecord): string | undefined {
  const candidate = typeof plan === 'object' && plan !== null && 'candidate' in plan ? plan.candidate : undefined;
  return typeof candidate === 'string' ? candidate : undefined;
}
