// `release`: which chart to install, with which values.

import * as z from 'zod';
import { duration, label, mapping, path } from '../values.ts';
import { permissions } from './permissions.ts';

// `path` comes last: it also occurs in the branch of `git`, which must be recognised first.
const chart = z.union([
  z.strictObject({
    git: z.string().min(1).describe('A repository, as `git clone` takes it'),
    ref: z.string().min(1).describe('Commit, tag or branch'),
    path: z.string().min(1).describe('Folder of the chart in the repository'),
  }),
  z.strictObject({
    oci: z.string().startsWith('oci://', { error: 'must begin with oci://' }).describe('A chart in an OCI registry'),
    version: z.string().min(1).describe('Version of the chart'),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be sha256: and 64 hexadecimal digits' })
      .optional()
      .describe('What the chart’s manifest must hash to'),
  }),
  z.strictObject({
    repository: z.url().describe('A classic chart repository'),
    name: z.string().min(1).describe('Name of the chart'),
    version: z.string().min(1).describe('Version of the chart'),
  }),
  z.strictObject({ path: path.describe('Folder or archive of a chart on this machine') }),
]);

const secretValues = z.strictObject({
  name: label.describe('Name of the Secret'),
  key: z.string().min(1).describe('Key in its data: a YAML mapping of values'),
  namespace: label.optional().describe('Default: the runner’s namespace'),
});

const values = z.union([
  z.strictObject({ file: path.describe('A values file') }),
  z.strictObject({ inline: mapping.describe('Values written here; null removes a default of the chart') }),
  z.strictObject({ secret: secretValues.describe('Values from a Secret') }),
]);
export type ValuesSource = z.infer<typeof values>;

export const release = z.strictObject({
  chart: chart.describe('The Helm chart'),
  values: z.array(values).max(100).default([]).describe('Merged from first to last, like repeated `helm -f`'),
  onFailure: z.enum(['keep', 'delete']).default('delete').describe('What becomes of a candidate whose run failed'),
  permissions: permissions.prefault({}).describe('What the chart creates beyond the ordinary kinds, when the runner is installed in the cluster'),
  timeout: duration.prefault('10m').describe('For Helm itself: rendering, creating, removing'),
});
