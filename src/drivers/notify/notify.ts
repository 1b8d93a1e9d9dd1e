// Telling somebody outside. A notification that fails is a warning, never a reason to stop.

import type { notificationEvents } from '../../config/sections/runner.ts';

export interface Notification {
  readonly environment: string;
  readonly operation: string;
  readonly runId: string;
  readonly event: (typeof notificationEvents)[number];
  /** One sentence. */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Notifier {
  send(notification: Notification): Promise<void>;
}
