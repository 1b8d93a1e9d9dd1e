// The environment file as a type: one schema per section, the classic keys at top level. Reads nothing.
// In every union the first key of a branch tells it apart: `explain.ts` relies on it, a test holds it.

import * as z from 'zod';
import { isAmbiguous } from '../plan/runner-names.ts';
import { dns, dnsProvider, dnsServers } from './sections/dns.ts';
import { drain, readiness, retire, swap, verify } from './sections/checks.ts';
import { load } from './sections/load.ts';
import { release } from './sections/release.ts';
import { notify, runner } from './sections/runner.ts';
import { files, pod, secrets } from './sections/pod.ts';
import { minInterval, schedule, schedules, timeZone } from './sections/schedules.ts';
import { label, mapping, urlOrFile } from './values.ts';

export const environment = z.strictObject({
  cluster: z.string().min(1).describe('The cluster to deploy on: context or cluster name; any other is refused'),
  environment: label.max(50).refine((name) => !isAmbiguous(name), { error: 'must not end with -release, -installer or -installer-cluster, as roles of another environment do' }).describe('Prefix of all releases of this environment'),
  deleteExisting: z.boolean().default(false).describe('Remove the previous release once the public has moved'),
  dns: dns.describe('The public names, all moved at once'),
  schedule: schedule.optional().describe('When the rebuild runs, in the dialect of Kubernetes CronJobs'),
  timeZone: timeZone.default('Etc/UTC').describe('Time zone of the schedules, as the IANA database names it'),
  minInterval: minInterval.optional().describe('A scheduled run is refused so soon after the start of the last that succeeded; default: half the schedule’s shortest regular interval, at most 2h'),
  suspend: z.boolean().default(false).describe('Start nothing by schedule'),
  schedules: schedules.default([]).describe('Other operations that run by schedule'),
  strictErrorChecking: z.boolean().default(true).describe('Any load job that fails, is missing or unreadable stops the run'),
  dataConfig: urlOrFile.optional().describe('Data configuration sent to the job-list API; without `load` it means one job named `harvest`'),
  dnsProvider: dnsProvider.prefault({ googleCloud: {} }).describe('Who serves the zones'),
  dnsServers: dnsServers.default({}),
  release: release.describe('What is installed'),
  readiness: readiness.prefault({}).describe('When the candidate counts as ready'),
  load: load.default([]).describe('Jobs that fill the candidate with data, all at once unless `after` says otherwise'),
  verify: verify.prefault({}).describe('What must hold of the candidate before the public moves'),
  swap: swap.prefault({}).describe('Moving the names'),
  drain: drain.prefault({}).describe('Waiting until the public has moved'),
  retire: retire.prefault({}).describe('Removing the previous release'),
  notify: notify.prefault({}).describe('Who is told'),
  runner: runner.prefault({}).describe('The program itself'),
  secrets: secrets.default({}).describe('Texts that the chart keeps in the runner’s Secret, and mounts as files beside the configuration'),
  files: files.default({}).describe('Texts that the chart mounts as files beside the configuration, so that relative paths work in the cluster'),
  pod: pod.default({}).describe('How the runner’s pods look; the defaults are in chart/values.yaml'),
  global: mapping.optional().describe('Reserved by Helm; nothing reads it'),
});

/** A checked environment: paths are absolute, durations are milliseconds, defaults are filled in. */
export type Environment = z.infer<typeof environment>;
