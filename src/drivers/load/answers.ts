// What an HTTP answer means to a load: success, JSON, or one DriverError with a reason to decide on. Asks nobody.

import type { HttpResponse } from '../http/http.ts';
import { DriverError, type FailureReason } from '../failure.ts';
import { redactor } from '../redactor.ts';

export interface Asked {
  /** `POST http://…/data`, without secrets. */
  readonly attempted: string;
  /** Texts that must not be repeated, even if the other side sent them back. */
  readonly secrets: readonly string[];
}

/** The body of a 2xx answer. A redirect is not one: it leads to a login page more often than to the harvester. */
export function bodyOf(response: HttpResponse, asked: Asked): string {
  if (response.status < 200 || response.status > 299) throw refused(response, asked);
  if (response.truncated) throw unreadable(asked, 'the answer is longer than 1 MiB');
  return response.body;
}

/** Rejects 'unreadable' for anything but JSON: a login page answers 200 as well. */
export function jsonOf(response: HttpResponse, asked: Asked): unknown {
  const body = bodyOf(response, asked);
  try {
    return JSON.parse(body);
  } catch {
    throw unreadable(asked, `answered ${response.headers['content-type'] ?? 'something'} that is not JSON`);
  }
}

export function unreadable({ attempted }: Asked, detail: string): DriverError {
  return new DriverError({ reason: 'unreadable', attempted, detail });
}

function refused(response: HttpResponse, { attempted, secrets }: Asked): DriverError {
  const { status, headers, body } = response;
  const retryAfterMs = 1_000 * Number(headers['retry-after'] ?? Number.NaN);
  return new DriverError({
    reason: reasonOf(status),
    attempted,
    detail: `answered ${status}${excerpt(body, secrets)}`,
    ...(retryAfterMs >= 0 && { retryAfterMs }),
  });
}

function reasonOf(status: number): FailureReason {
  if (status < 400) return 'unreadable';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return 'invalid';
}

/** The beginning of what the other side says about it, on one line; markup says nothing to anybody. */
function excerpt(body: string, secrets: readonly string[]): string {
  const hidden = redactor(secrets, '…')(body);
  const line = hidden.replaceAll(/\s+/g, ' ').trim();
  return line === '' || line.startsWith('<') ? '' : `: ${line.slice(0, 200)}`;
}
