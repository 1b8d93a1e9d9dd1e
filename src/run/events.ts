// What the engine tells while it runs. Reporters draw it, log it, count it; none of them can change it.

import type { FailureFacts, ErrorCode, ExitCode } from '../errors.ts';
import type { Milliseconds } from './clock.ts';
import type { StepRecord } from './record.ts';
import type { Progress } from './step.ts';

export type Outcome = 'running' | 'succeeded' | 'failed' | 'restored' | 'needsHuman' | 'interrupted';

export interface ReportedFailure {
  readonly code: ErrorCode;
  readonly title: string;
  readonly facts: Omit<FailureFacts, 'cause'>;
  readonly next: string;
}

export type RunEvent = { readonly at: Milliseconds } & (
  | {
      readonly type: 'runStarted';
      readonly run: string;
      readonly operation: string;
      /** Set when an unfinished run goes on. */
      readonly resumed: boolean;
      /** Set when that run is not resumed but undone. */
      readonly unwinding?: boolean;
      /** `state`: where an earlier process left it. */
      readonly steps: readonly { readonly name: string; readonly title: string; readonly state?: StepRecord['state'] }[];
    }
  | { readonly type: 'stepStarted'; readonly step: string; readonly title: string }
  | ({ readonly type: 'stepProgress'; readonly step: string } & Progress)
  | { readonly type: 'stepSkipped'; readonly step: string; readonly title: string; readonly reason: string }
  | { readonly type: 'stepDone'; readonly step: string; readonly title: string; readonly durationMs: Milliseconds }
  | { readonly type: 'stepFailed'; readonly step: string; readonly title: string; readonly failure: ReportedFailure }
  | { readonly type: 'undoStarted' | 'undoDone'; readonly step: string; readonly title: string }
  | { readonly type: 'undoFailed'; readonly step: string; readonly title: string; readonly failure: ReportedFailure }
  | { readonly type: 'warning'; readonly step: string | undefined; readonly message: string }
  | {
      readonly type: 'runEnded';
      readonly outcome: Outcome;
      readonly exitCode: ExitCode;
      readonly durationMs: Milliseconds;
      readonly failure: ReportedFailure | undefined;
    }
);

export type Reporter = (event: RunEvent) => void;
