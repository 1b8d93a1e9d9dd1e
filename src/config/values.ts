// The small types that sections are made of: durations, names, secrets. Each says in words what would be right.

import * as z from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

// Longer waits overflow the 32-bit milliseconds of a timer, which then fires at once.
const longestDurationMs = 24 * unitMs.d;
const durationWords = 'must be a duration such as 30s, 20m, 1h30m or 2d';

function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * unitMs[unit as keyof typeof unitMs];
  }
  return Math.round(total);
}

/** `20m`, `48h`, `1h30m`, `500ms`; parsed to milliseconds. `least`: where nothing, or next to nothing, would make no sense. */
function durationFrom(least: string) {
  return z
    .string({ error: durationWords })
    .regex(/^(\d+(\.\d+)?(ms|s|m|h|d))+$/, { error: durationWords, abort: true })
    .refine((text) => durationMs(text) >= durationMs(least), { error: `must be at least ${least}` })
    .refine((text) => durationMs(text) <= longestDurationMs, { error: 'must be at most 24d' })
    .transform(durationMs)
    .meta({ typeName: 'duration' });
}

export const duration = durationFrom('0s');

/** Between two looks: with none, nothing else would get its turn. */
export const pause = durationFrom('100ms');

/** Its holder has to renew it in time, over a network. */
export const leaseDuration = durationFrom('3s');

/** RFC 1123 label, as Kubernetes wants it for names of namespaces and Services. */
export const label = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, { error: 'must consist of lower-case letters, digits and dashes, and begin and end with a letter or digit' })
  .meta({ typeName: 'name' });

/** A file or folder; made absolute from the folder of the file that names it. */
export const path = z.string().min(1).meta({ typeName: 'path' });

/** The address of something to fetch, or a file; a file is made absolute like `path`. */
export const urlOrFile = z
  .string()
  .regex(/^(https?:\/\/\S+|(?![a-z][a-z0-9+.-]*:\/\/).+)$/is, { error: 'must be a file, or a URL that begins with http:// or https://' })
  .meta({ typeName: 'URL or path' });

const secretReference = z
  .strictObject({
    name: label.describe('Name of the Secret'),
    key: z.string().min(1).describe('Key in its data'),
    namespace: label.optional().describe('Default: the runner’s namespace; for the load the candidate’s'),
  })
  .describe('A Secret of the cluster');

/** Where a secret text is read from when it is needed; never the text itself. */
export const secretSource = z
  .union([
    z.strictObject({ secret: secretReference }),
    z.strictObject({ file: path.describe('A file that holds nothing but the text') }),
  ])
  .meta({ typeName: 'secret' });
export type SecretSource = z.infer<typeof secretSource>;

/** Free-form YAML mapping: Helm values, a Job's template. */
export const mapping = z.record(z.string(), z.unknown());
