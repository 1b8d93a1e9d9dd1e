// Every error a user can see: code, exit code, what to do next. Throwers add the facts; nothing here knows where they come from.

/**
 * 75: held up, and to be tried again (EX_TEMPFAIL of sysexits.h). 130 and 143: stopped by SIGINT, by SIGTERM (128 + the signal's number,
 * as shells and Kubernetes tell it). The Job of an installed runner takes 1 to 5 as final, and starts another pod after any other.
 */
export const exitCodes = [0, 1, 2, 3, 4, 5, 75, 130, 143] as const;
export type ExitCode = (typeof exitCodes)[number];

interface CatalogueEntry {
  readonly exitCode: ExitCode;
  readonly title: string;
  /** What to do, as a sentence, or several with a command each, one a line. `{environment}`, `{release}` and `{run}` are filled in by the summary. */
  readonly next: string;
}

function entry(exitCode: ExitCode, title: string, next: string): CatalogueEntry {
  return { exitCode, title, next };
}

/** 1 failed, production untouched or restored; 2 configuration or usage; 3 swapped back; 4 needs a human; 5 refused; 75 and 143 left as it is, to be resumed. */
export const catalogue = {
  ConfigurationInvalid: entry(2, 'The configuration is not valid', 'Correct the lines above, then run: changeover validate -f FILE'),
  UsageInvalid: entry(2, 'The command line is not valid', 'See: changeover COMMAND --help'),

  WrongCluster: entry(5, 'This is not the cluster the environment belongs to', 'Switch the context (kubectl config use-context NAME), or correct `cluster` in the environment file'),
  GuardFailed: entry(5, 'A precondition does not hold', 'Mend what is named above, then start the run again'),
  Locked: entry(5, 'Another run holds the lock of this environment', 'Wait for it: changeover status -w\nIf it hangs, take the lock from it (one that is alive stops, and leaves its run to the next): changeover lock release --force\nTo stop it in order: changeover cancel'),
  TooSoon: entry(5, 'The last run of this kind has only just been', 'Nothing needs to be done; to begin one all the same: changeover trigger'),
  LockedByHand: entry(5, 'Somebody has locked this environment', 'When the reason has passed, take the lock off: changeover lock release'),
  NotInstalled: entry(5, 'No runner is installed for this environment', 'Install its chart (see the README), or do it from here: changeover rebuild'),
  JobActive: entry(5, 'A Job of this environment is running already', 'Follow it: changeover logs --follow'),
  PlanOutdated: entry(5, 'The world has changed since the plan was made', 'Look at it again: changeover plan'),

  NoCluster: entry(2, 'There is no cluster to go to', 'Correct KUBECONFIG or --context; see: kubectl config get-contexts'),
  ClusterUnreachable: entry(1, 'The cluster does not answer', 'Check the connection (kubectl version; if only the installed runner gets no answer, helm upgrade renews its NetworkPolicy), then try again'),
  AccessDenied: entry(1, 'This account may not do what is needed', 'Give it the right named above, or use another account, then try again'),
  SecretMissing: entry(1, 'A secret that the configuration names is not there', 'Create it, or correct the environment file, then try again'),
  ProgramMissing: entry(1, 'A program that is needed is not installed', 'Install it, or correct PATH, then try again'),
  DnsUnreachable: entry(1, 'A DNS server does not answer', 'Check the server named above and the way to it, then try again'),
  OutsideFailed: entry(1, 'An outside system did not do what was asked', 'Correct the cause above, then try again'),

  ChartUnavailable: entry(1, 'The chart could not be fetched', 'Correct `release.chart`, or the way to where it lies, then try again'),
  ChartInvalid: entry(1, 'The chart is not valid, or does not render', 'Correct the chart or its values; see it with: helm template'),
  InstallFailed: entry(1, 'Helm could not install the candidate', 'Correct the cause above, then start the run again'),
  NotReady: entry(1, 'The candidate did not become ready', 'Look closer with: changeover diagnose {release}'),
  LoadFailed: entry(1, 'Loading the data failed', 'Correct the job named above, then start the run again'),
  VerificationFailed: entry(1, 'The candidate did not pass verification', 'Look closer with: changeover diagnose {release}'),
  SwapConflict: entry(1, 'Somebody else changed a name between plan and swap', 'Find out who did, then start the run again'),
  SwapFailed: entry(1, 'The names could not be moved', 'Correct the DNS trouble above, then start the run again'),
  DrainFailed: entry(1, 'The new release failed while the public was moving over', 'Look closer with: changeover diagnose {release}'),
  RetireFailed: entry(4, 'The previous release could not be removed; the public is on the new one', 'Remove what is named above by hand, or let the next run do it'),
  RemovalFailed: entry(1, 'A release that the public does not use could not be removed', 'Remove what is named above by hand, or let the next run do it'),
  JobLost: entry(1, 'The Job ended, and no pod of it has told why', 'See what is left of its run: changeover status'),
  // Asked for by whoever wants to go back: it is no fault, and nothing is left to resume.
  TakenBack: entry(1, 'The run was taken back, as a rollback asked for', 'Nothing of it is left to resume; see: changeover status'),
  Interrupted: entry(143, 'The run was stopped', 'The same command resumes it; with --fresh it is unwound and begun anew'),
  Cancelled: entry(1, 'The run was cancelled', 'Nothing of it is left. When it is wanted after all, start the run again'),

  RecordUnreadable: entry(4, 'The record of an earlier run cannot be read', 'Look at the ConfigMap named above. To give that run up, delete it: the next run clears away what it made, and what it was to retire stays'),
  RecordFull: entry(1, 'The record of the run has no room for it', 'Give one environment fewer names, or one load fewer jobs'),
  // Most often nobody else has it: the API server was away for longer than the lease lasts. Then another pod goes on.
  LockLost: entry(75, 'This runner lost its lock and stopped writing', 'Whoever holds it now, or runs next, goes on with the run; see: changeover status'),
  UndoFailed: entry(4, 'The run failed, and putting things back failed too', 'Correct what is named above. Where names lead to several releases, lead them to one (changeover rollback --to NAME). See: changeover status'),
  Unexpected: entry(1, 'Something unexpected happened', 'Please report it with the output above'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text);
}

/** What the last lines of a failed run tell. All texts are free of secrets. */
export interface FailureFacts {
  /** One sentence with the particulars: `Deployment portal: ImagePullBackOff …`. */
  readonly summary: string;
  /** `Pod prod-2hpwr/portal-6d…` */
  readonly object?: string;
  readonly reason?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly logTail?: string;
  /** Further findings, one line each. */
  readonly details?: readonly string[];
  /** Instead of the catalogue's advice. */
  readonly next?: string;
  /** Instead of the catalogue's: which signal it was that stopped it, or that it is to be tried again. */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  readonly facts: FailureFacts;

  constructor(code: ErrorCode, facts: FailureFacts) {
    super(`${catalogue[code].title}: ${facts.summary}`, { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get exitCode(): ExitCode {
    return this.facts.exitCode ?? catalogue[this.code].exitCode;
  }

  get next(): string {
    return this.facts.next ?? catalogue[this.code].next;
  }
}
