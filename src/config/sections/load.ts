// `load`: the jobs that fill the candidate with data.

import * as z from 'zod';
import { duration, label, mapping, secretSource, urlOrFile } from '../values.ts';

/** Where a Kubernetes Job of this run is copied from, or the Job's own spec. */
export const jobSource = z.union([
  z.strictObject({ fromJob: label.describe('A suspended Job of the release') }),
  z.strictObject({ fromCronJob: label.describe('A CronJob of the release') }),
  z.strictObject({ spec: mapping.describe('A Job’s spec, written here') }),
]);
export type JobSource = z.infer<typeof jobSource>;

const credentials = z.strictObject({
  username: z.string().min(1).describe('User name'),
  password: secretSource.describe('Password'),
});

const jobList = z.strictObject({
  base: z
    .string()
    .regex(/^https?:\/\//, { error: 'must be a URL that begins with http:// or https://' })
    .refine((text) => !/^https?:\/\/[^/]*@/.test(text), { error: 'must not hold a user name or a password; they belong under `credentials`' })
    .default('http://ingress.{namespace}.svc.cluster.local/harvester/api/1')
    .describe('Inside the candidate; {namespace} stands for its namespace'),
  dataConfig: urlOrFile.optional().describe('The data configuration to send; default: the top-level `dataConfig`'),
  credentials: credentials.optional().describe('Basic authentication. A Secret without a namespace is looked up in the candidate'),
});
export type JobListConfig = z.infer<typeof jobList>;

const common = {
  name: label.describe('Name of the job in messages and in `after`'),
  after: z.array(label).default([]).describe('Jobs that must have ended first'),
  timeout: duration.prefault('48h').describe('Until it must have ended'),
  retries: z.int().min(0).max(10).default(0).describe('Further tries after a failure'),
};

export const loadJob = z.union([
  z.strictObject({ job: jobSource.describe('A Kubernetes Job'), ...common }),
  z.strictObject({ jobList: jobList.describe('The HTTP job-list API of a harvester'), ...common }),
]);
export type LoadJob = z.infer<typeof loadJob>;

export const load = z.array(loadJob);
