// What a driver throws: one class, a reason that the caller can decide on, and never a secret. And the one place that turns
// whatever was thrown into an error of the catalogue.

import { Failure, type ErrorCode } from '../errors.ts';

export type FailureReason =
  /** The thing asked for is certainly not there. Never used for "could not find out". */
  | 'notFound'
  /** It exists already, or has changed since it was read. */
  | 'conflict'
  /** The other side understood and refused: 401, 403, REFUSED, NOTAUTH. */
  | 'forbidden'
  /** The other side understood and says the request is wrong: 400, 422, a chart that does not render. */
  | 'invalid'
  /** The program that would have to do it is not on this machine. */
  | 'notInstalled'
  /** A watch that started too long ago; list again. */
  | 'gone'
  /** No answer in time. The effect may or may not have happened. */
  | 'timeout'
  /** Answered with 429 or 5xx, or the connection failed: worth another try. */
  | 'unavailable'
  /** Answered, but with something that cannot be understood. Never taken for an empty answer. */
  | 'unreadable';

/** The outside system that an error came from; `context` is the way to the cluster: kubeconfig, context, account. */
export type Origin = 'context' | 'cluster' | 'helm' | 'chart' | 'dns' | 'secrets';

export interface DriverErrorOptions {
  readonly reason: FailureReason;
  /** What was attempted, e.g. `GET /api/v1/namespaces` or `helm install …` with secrets removed. */
  readonly attempted: string;
  /** What came back: status, exit code, tail of the output. Secrets removed. */
  readonly detail?: string;
  /** Server's advice (Retry-After), if any. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly reason: FailureReason;
  readonly attempted: string;
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Set on its way out by origins.ts: a driver need not know which role it plays. */
  origin: Origin | undefined;

  constructor(options: DriverErrorOptions) {
    const detail = options.detail === undefined ? '' : `: ${options.detail}`;
    super(`${options.attempted}${detail}`, { cause: options.cause });
    this.reason = options.reason;
    this.attempted = options.attempted;
    this.detail = options.detail;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function failedWith(error: unknown, ...reasons: readonly FailureReason[]): error is DriverError {
  return error instanceof DriverError && reasons.includes(error.reason);
}

/** Anything thrown, as a Failure. What no driver threw is a fault of this program, and keeps its message and cause. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof DriverError) return new Failure(codeOf(error), { summary: error.message, cause: error });
  return new Failure('Unexpected', { summary: error instanceof Error ? error.message : String(error), cause: error });
}

type Codes = Partial<Record<FailureReason, ErrorCode>>;

const noAnswer: Codes = { timeout: 'ClusterUnreachable', unavailable: 'ClusterUnreachable' };
const codes: Readonly<Record<Origin, Codes>> = {
  context: { notFound: 'NoCluster', invalid: 'NoCluster', forbidden: 'NoCluster' },
  cluster: noAnswer,
  helm: noAnswer,
  chart: { notFound: 'ChartUnavailable', forbidden: 'ChartUnavailable', timeout: 'ChartUnavailable', unavailable: 'ChartUnavailable', invalid: 'ChartInvalid' },
  dns: { timeout: 'DnsUnreachable', unavailable: 'DnsUnreachable' },
  secrets: { ...noAnswer, notFound: 'SecretMissing' },
};

/** For every origin that does not say otherwise. */
const common: Codes = { notInstalled: 'ProgramMissing', forbidden: 'AccessDenied' };

function codeOf({ origin, reason }: DriverError): ErrorCode {
  return (origin === undefined ? undefined : codes[origin][reason]) ?? common[reason] ?? 'OutsideFailed';
}
