// The small types that sections are made of: durations, names, secrets. Each says in words what would be right.

import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  return total;
}

/** `20m`, `48h`, `1h30m`, `500ms`; parsed to milliseconds. */
export const duration = z
  .string()
  .refine((text) => durationMs(text) !== undefined, { error: 'must be a duration such as 30s, 20m, 1h30m or 2d' })
  .transform((text) => durationMs(text) ?? 0)
  .meta({ description: 'A duration such as 30s, 20m, 1h30m or 2d' });

/** RFC 1123 label, as Kubernetes wants it for names of namespaces and Services. */
export const label = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, { error: 'must consist of lower-case letters, digits and dashes, and begin and end with a letter or digit' });

/** A file beside the configuration; made absolute from the folder of the file that names it. */
export const path = z.string().min(1).meta({ id: 'path', description: 'A path, relative to the file it stands in' });

/** Where a secret text is read from when it is needed; never the text itself. */
export const secretSource = z.union([
  z.strictObject({ secret: z.strictObject({ name: label, key: z.string().min(1), namespace: label.optional() }) }),
  z.strictObject({ file: path }),
]);
export type SecretSource = z.infer<typeof secretSource>;

/** Free-form YAML mapping: Helm values, a Job's template. */
export const mapping = z.record(z.string(), z.unknown());
