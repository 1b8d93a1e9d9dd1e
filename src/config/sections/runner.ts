// `runner` and `notify`: where runs keep their records and lock, and who is told.

import * as z from 'zod';
import { label, leaseDuration, secretSource } from '../values.ts';

export const runner = z.strictObject({
  namespace: label.default('changeover').describe('Namespace of the records and of the Lease'),
  leaseDuration: leaseDuration.prefault('30s').describe('A runner that is silent for so long has lost its lock'),
  keepRecords: z.int().min(1).max(500).default(50).describe('Records of finished runs that stay'),
  readNodes: z.boolean().default(false).describe('Whether the installed runner may list the nodes and the pods of all namespaces (their environment variables, too): to say whether there is room, and which pools carry the releases'),
});

/** What there is to tell of a run. */
export const notificationEvents = ['started', 'succeeded', 'failed', 'restored', 'needsHuman'] as const;

// Not `on`: Helm reads YAML 1.1, where that is another word for true.
const webhook = z.strictObject({
  url: secretSource.describe('The address is a secret: whoever knows it can post'),
  events: z
    .array(z.enum(notificationEvents))
    .min(1)
    .default(['succeeded', 'failed', 'restored', 'needsHuman'])
    .describe('What to tell'),
});

export const notify = z.strictObject({ webhooks: z.array(webhook).default([]).describe('Slack-compatible webhooks') });
