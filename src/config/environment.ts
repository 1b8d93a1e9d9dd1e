// The environment file as a type: one schema per section, the classic keys at top level. Reads nothing.

import { z } from 'zod';
import { dns, dnsProvider, dnsServers } from './sections/dns.ts';
import { drain, readiness, retire, swap, verify } from './sections/checks.ts';
import { load } from './sections/load.ts';
import { release } from './sections/release.ts';
import { notify, runner } from './sections/runner.ts';
import { label } from './values.ts';

export const environment = z.strictObject({
  cluster: z.string().min(1).describe('The cluster to deploy on: context or cluster name; any other is refused'),
  environment: label.max(50).describe('Prefix of all releases of this environment'),
  deleteExisting: z.boolean().default(false).describe('Remove the previous release once the public has moved'),
  dns,
  schedule: z.string().min(1).optional().describe('When the rebuild runs, in the dialect of Kubernetes CronJobs'),
  strictErrorChecking: z.boolean().default(true).describe('Any load job that fails, is missing or unreadable stops the run'),
  dataConfig: z.string().min(1).optional().describe('URL or file of the data configuration sent to the job-list API'),
  dnsProvider: dnsProvider.prefault({ googleCloud: {} }),
  dnsServers: dnsServers.default({}),
  release,
  readiness: readiness.prefault({}),
  load: load.default([]),
  verify: verify.prefault({}),
  swap: swap.prefault({}),
  drain: drain.prefault({}),
  retire: retire.prefault({}),
  notify: notify.prefault({}),
  runner: runner.prefault({}),
});

/** A checked environment: paths are absolute, durations are milliseconds, defaults are filled in. */
export type Environment = z.infer<typeof environment>;
