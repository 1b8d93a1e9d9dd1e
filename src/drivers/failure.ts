// What a driver throws: one class, a reason that the caller can decide on, and never a secret.

export type FailureReason =
  /** The thing asked for is certainly not there. Never used for "could not find out". */
  | 'notFound'
  /** It exists already, or has changed since it was read. */
  | 'conflict'
  /** The other side understood and refused: 401, 403, REFUSED, NOTAUTH. */
  | 'forbidden'
  /** The other side understood and says the request is wrong: 400, 422, a chart that does not render. */
  | 'invalid'
  /** A watch that started too long ago; list again. */
  | 'gone'
  /** No answer in time. The effect may or may not have happened. */
  | 'timeout'
  /** Answered with 429 or 5xx, or the connection failed: worth another try. */
  | 'unavailable'
  /** Answered, but with something that cannot be understood. Never taken for an empty answer. */
  | 'unreadable';

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
