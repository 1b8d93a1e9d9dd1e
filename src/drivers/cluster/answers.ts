// Turns what the API server answered into values or DriverErrors. Never puts a header or a Secret's content in a message.

import type { IncomingHttpHeaders } from 'node:http';
import { DriverError } from '../failure.ts';
import type { FailureReason } from '../failure.ts';
import type { Kind, KubernetesObject } from './objects.ts';

export interface Answer {
  /** `GET /api/v1/namespaces`, for messages. */
  readonly attempted: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Rejects 'unreadable' unless the body is a JSON object. */
export function jsonOf(answer: Pick<Answer, 'attempted' | 'text'>): Fields {
  const value = parsed(answer.text);
  if (value === undefined) throw unreadable(answer.attempted, `not a JSON object (${answer.text.length} characters)`);
  return value;
}

/** The value as an object with a name. Items of lists come without apiVersion and kind: the list's own are filled in. */
export function objectOf(value: unknown, kind: Kind, attempted: string): KubernetesObject {
  const named = isFields(value) && isFields(value['metadata']) && typeof value['metadata']['name'] === 'string';
  if (!named) throw unreadable(attempted, `not a ${kind.kind}`);
  return { apiVersion: kind.apiVersion, kind: kind.kind, ...value } as KubernetesObject;
}

export function unreadable(attempted: string, detail: string): DriverError {
  return new DriverError({ reason: 'unreadable', attempted, detail });
}

/**
 * The error for an answer that is not 2xx. 410 says that a version is too old: whoever has named none only has to ask anew.
 * Source: Kubernetes API conventions, "Response Status Kind"; Kubernetes API concepts, "410 Gone responses".
 */
export function failureOf(answer: Answer, { namesVersion }: { readonly namesVersion: boolean }): DriverError {
  const status = parsed(answer.text);
  const isStatus = status?.['kind'] === 'Status';
  const retryAfterMs = retryAfter(answer.headers, status);
  const reason = isStatus ? reasonOfStatus(answer.status, status) : reasonOfPage(answer.status);
  return new DriverError({
    reason: reason === 'gone' && !namesVersion ? 'unavailable' : reason,
    attempted: answer.attempted,
    detail: isStatus ? describe(answer, status) : `HTTP ${answer.status} without a Kubernetes Status`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** What an HTTP status, or the code of a watch's ERROR event, means to a caller. */
export function reasonOf(status: number): FailureReason {
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 410) return 'gone';
  if (status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'invalid' : 'unreadable';
}

/** A patch that names the uid of an earlier object of this name is "invalid" to the server: a uid never changes. */
function reasonOfStatus(code: number, status: Fields): FailureReason {
  const details = status['details'];
  const causes: unknown = isFields(details) ? details['causes'] : undefined;
  const isOtherUid = Array.isArray(causes) && causes.some((cause) => isFields(cause) && cause['field'] === 'metadata.uid');
  return code === 422 && isOtherUid ? 'conflict' : reasonOf(code);
}

/** Something in between has no say on whether an object is there. */
function reasonOfPage(code: number): FailureReason {
  return code === 404 ? 'unreadable' : reasonOf(code);
}

function describe(answer: Answer, status: Fields): string {
  const reason = textOf(status['reason']) ?? 'no reason given';
  // The message of a rejected Secret quotes the values it rejects.
  if (answer.attempted.includes('/secrets')) return `${answer.status} ${reason}`;
  return `${answer.status} ${reason}: ${textOf(status['message']) ?? 'no message given'}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function retryAfter(headers: IncomingHttpHeaders, status: Fields | undefined): number | undefined {
  const details = status?.['details'];
  const seconds = Number(headers['retry-after'] ?? (isFields(details) ? details['retryAfterSeconds'] : undefined));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
