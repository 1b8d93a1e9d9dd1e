// `load`: the jobs that fill the candidate with data.

import { z } from 'zod';
import { duration, label, mapping, secretSource } from '../values.ts';

/** Where a Kubernetes Job of this run is copied from, or the Job's own spec. */
export const jobSource = z.union([
  z.strictObject({ fromJob: label.describe('A suspended Job of the release') }),
  z.strictObject({ fromCronJob: label.describe('A CronJob of the release') }),
  z.strictObject({ spec: mapping.describe('A Job’s spec, written here') }),
]);
export type JobSource = z.infer<typeof jobSource>;

const jobList = z.strictObject({
  base: z
    .string()
    .regex(/^https?:\/\//)
    .default('http://ingress.{namespace}.svc.cluster.local/harvester/api/1')
    .describe('Inside the candidate; {namespace} stands for its namespace'),
  dataConfig: z.string().min(1).optional().describe('URL or file of the data configuration; default: the top-level dataConfig'),
  credentials: z.strictObject({ username: z.string().min(1), password: secretSource }).optional().describe('Basic authentication. A Secret without a namespace is looked up in the candidate'),
});
export type JobListConfig = z.infer<typeof jobList>;

const common = {
  name: label,
  after: z.array(label).default([]).describe('Jobs that must have ended first'),
  timeout: duration.prefault('48h'),
  retries: z.int().min(0).max(10).default(0),
};

export const loadJob = z.union([
  z.strictObject({ ...common, job: jobSource }),
  z.strictObject({ ...common, jobList }),
]);
export type LoadJob = z.infer<typeof loadJob>;

export const load = z.array(loadJob);

