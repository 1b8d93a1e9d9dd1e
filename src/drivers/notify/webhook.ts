// Tells a webhook (Slack, Mattermost, or anything that takes JSON). Posts once; never shows the address, which is a secret.

import { DriverError, type FailureReason } from '../failure.ts';
import type { Notification, Notifier } from './notify.ts';

export interface WebhookOptions {
  /** Read at the moment of use: whoever knows the address can post. */
  readonly readUrl: () => Promise<string>;
  /** Default 10 000. */
  readonly timeoutMs?: number;
}

/** Posts `{ text, … }`: Slack shows `text` (https://api.slack.com/messaging/webhooks), others get the facts beside it. */
export function webhookNotifier({ readUrl, timeoutMs = 10_000 }: WebhookOptions): Notifier {
  return {
    async send(notification) {
      const url = parsedUrl(await readUrl());
      const response = await post(url, notification, timeoutMs);
      await response.body?.cancel();
      if (!response.ok) throw webhookError(reasonOf(response.status), `HTTP ${response.status}`);
    },
  };
}

async function post(url: URL, notification: Notification, timeoutMs: number): Promise<Response> {
  const { environment, operation, text } = notification;
  const body = JSON.stringify({ ...notification, text: `${environment} ${operation}: ${text}` });
  try {
    const headers = { 'content-type': 'application/json' };
    return await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    // Neither cause nor message: fetch names the address in some of its errors.
    if (error instanceof DOMException && error.name === 'TimeoutError') throw webhookError('timeout', `no answer in ${timeoutMs / 1_000} s`);
    throw webhookError('unavailable', codeOf(error));
  }
}

/** `ECONNREFUSED` and the like tell enough, and no address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}

function parsedUrl(text: string): URL {
  const url = URL.parse(text.trim());
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw webhookError('invalid', 'its address is not an http or https URL');
}

function reasonOf(status: number): FailureReason {
  if (status === 429 || status >= 500) return 'unavailable';
  if (status === 401 || status === 403) return 'forbidden';
  return status === 404 || status === 410 ? 'notFound' : 'invalid';
}

function webhookError(reason: FailureReason, detail: string): DriverError {
  return new DriverError({ reason, attempted: 'notification by webhook', detail });
}
