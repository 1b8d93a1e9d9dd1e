// Tells the configured places how a run goes. A notification that fails is a line of talk, never a reason to stop.

import type { Notification } from '../drivers/notify/notify.ts';
import { timestamp } from '../run/clock.ts';
import type { RunRecord } from '../run/record.ts';
import type { Session } from './session.ts';

type NotifyingSession = Pick<Session, 'environment' | 'drivers' | 'clock' | 'say'>;

export async function notifyStart(session: NotifyingSession, record: RunRecord): Promise<void> {
  await notify(session, record, { event: 'started', text: `${record.operation} of ${record.environment} has started (run ${record.id})` });
}

/** `record`: as it is stored. An end that could not be written is somebody else's to tell: a runner that was overtaken is silent. */
export async function notifyEnd(session: NotifyingSession, record: RunRecord): Promise<void> {
  const { outcome, failure } = record;
  if (outcome === 'running' || outcome === 'interrupted') return;
  const because = failure === undefined ? '' : `: ${failure.summary}`;
  await notify(session, record, { event: outcome, text: `${record.operation} of ${record.environment}: ${describe[outcome]}${because}` });
}

const describe = {
  succeeded: 'done',
  failed: 'failed, production is untouched',
  restored: 'failed, and the names were taken back',
  needsHuman: 'failed, and needs a human',
} as const;

async function notify(session: NotifyingSession, record: RunRecord, told: Pick<Notification, 'event' | 'text'>): Promise<void> {
  const { drivers, environment, clock, say } = session;
  const notification = { ...told, environment: environment.environment, operation: record.operation, runId: record.id, at: timestamp(clock) };
  const interested = drivers.notifiers.filter(({ on }) => on.includes(told.event));
  const results = await Promise.allSettled(interested.map(({ notifier }) => notifier.send(notification)));
  for (const result of results) {
    if (result.status === 'rejected') say(`a notification could not be sent: ${String(result.reason)}`);
  }
}
