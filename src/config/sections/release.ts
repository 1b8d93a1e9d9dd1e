// `release`: which chart to install, with which values.

import { z } from 'zod';
import { duration, label, mapping, path } from '../values.ts';

const chart = z.union([
  z.strictObject({ path }),
  z.strictObject({ git: z.string().min(1), ref: z.string().min(1), path: z.string().min(1) }),
  z.strictObject({ oci: z.string().startsWith('oci://'), version: z.string().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/).optional() }),
  z.strictObject({ repository: z.url(), name: z.string().min(1), version: z.string().min(1) }),
]);

const values = z.union([
  z.strictObject({ file: path }),
  z.strictObject({ inline: mapping }),
  z.strictObject({ secret: z.strictObject({ name: label, key: z.string().min(1), namespace: label.optional() }) }),
]);
export type ValuesSource = z.infer<typeof values>;

export const release = z.strictObject({
  chart,
  values: z.array(values).default([]),
  onFailure: z.enum(['keep', 'delete']).default('delete').describe('What becomes of a candidate whose run failed'),
  timeout: duration.prefault('10m').describe('For Helm itself: rendering, creating, removing'),
});
