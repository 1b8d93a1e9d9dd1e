// What a job list's own words amount to: running, ended well, or failed and why. Pure; in doubt it is a failure.

import * as z from 'zod';
import type { LoadFailure, LoadState } from './load.ts';

export const identifier = z.union([z.string().min(1), z.number()]).transform(String);

const listedJob = z.object({
  description: z.string().nullish(),
  jobExitCode: z.union([z.string(), z.number()]).nullish(),
  message: z.string().nullish(),
});
type ListedJob = z.infer<typeof listedJob>;

/** `GET /job/list/{id}`, as far as it is read; harvesters call the id `id` or `identifier`. */
export const jobList = z.object({
  id: identifier.optional(),
  identifier: identifier.optional(),
  status: z.string().nullish(),
  jobConfigurations: z.array(listedJob).nullish(),
});
export type JobList = z.infer<typeof jobList>;

/** What the record keeps of a list: enough to know it again, and to see that nothing is missing from it. */
export const listHandle = z.object({
  id: z.string(),
  /** Its status before it was run; null where it had none. */
  statusBefore: z.string().nullable(),
  /** Descriptions of its jobs. */
  jobs: z.array(z.string()),
});
export type ListHandle = z.infer<typeof listHandle>;

/** The only word for a list that is through; it says nothing about how its jobs fared. */
export const completed = 'Completed';

export function stateOf(list: JobList, handle: ListHandle, name: string): LoadState {
  const failed = (reason: string): LoadState => ({ state: 'failed', failures: [{ job: name, reason }] });
  if (!isList(list, handle.id)) return failed(`the harvester answers with ${idIn(list)}, not with list ${handle.id} of this run`);
  if (list.status === completed) return completedState(list.jobConfigurations ?? [], handle, name);
  if (soundsFinal.test(list.status ?? '')) return failed(`list ${handle.id} has ended as ${list.status}, not as ${completed}`);
  return { state: 'running', message: progress(list) };
}

export function isList(list: JobList, id: string): boolean {
  return list.id === id || list.identifier === id;
}

export function idIn(list: JobList): string {
  const id = list.id ?? list.identifier;
  return id === undefined ? 'a list without an id' : `list ${id}`;
}

// Words that a list under way would not use. Waiting for `Completed` after one of them would last until the time-out.
const soundsFinal = /complet|finish|done|succe|fail|error|abort|cancel|stopped|terminat|kill|interrupt|crash|dead|reject|expire|timed.?out|^ended/i;

// Besides ERROR: exit codes of jobs that did not run, or have not ended (as Spring Batch and Kubernetes call them).
const notWell = /err|fail|^(stop|abort|cancel|skip|noop|unknown|execut|running|start|pending|queue|wait|created|new|kill|terminat|time|interrupt)/i;

function completedState(jobs: readonly ListedJob[], handle: ListHandle, name: string): LoadState {
  const failures = [...differences(jobs, handle, name), ...jobs.flatMap(failureOf)];
  if (failures.length > 0) return { state: 'failed', failures };
  return { state: 'succeeded', message: `all ${jobs.length} jobs of list ${handle.id} ended well` };
}

/** A completed list with other jobs than were submitted is the result of something else. */
function differences(jobs: readonly ListedJob[], handle: ListHandle, name: string): readonly LoadFailure[] {
  if (jobs.length === 0) return [{ job: name, reason: `list ${handle.id} is ${completed} without any job` }];
  const foreign = jobs.map(titleOf);
  const missing = handle.jobs.filter((wanted) => {
    const at = foreign.indexOf(wanted);
    if (at !== -1) foreign.splice(at, 1);
    return at === -1;
  });
  return [
    ...missing.map((job) => ({ job, reason: `is missing from the ${completed} list ${handle.id}` })),
    ...foreign.map((job) => ({ job, reason: `is in the ${completed} list ${handle.id}, but was not submitted` })),
  ];
}

function failureOf(job: ListedJob): readonly LoadFailure[] {
  const reason = problemOf(job);
  return reason === undefined ? [] : [{ job: titleOf(job), reason }];
}

function problemOf({ jobExitCode, message }: ListedJob): string | undefined {
  if (jobExitCode === undefined || jobExitCode === null || jobExitCode === '') return 'has no exit code';
  const code = String(jobExitCode);
  if (!notWell.test(code) && !isErrorNumber(code)) return undefined;
  return message ? `ended with ${code}: ${message}` : `ended with ${code}`;
}

function isErrorNumber(code: string): boolean {
  return /^-?\d+$/.test(code) && Number(code) !== 0;
}

export function titleOf({ description }: ListedJob): string {
  return description ?? 'a job without a description';
}

function progress({ status, jobConfigurations }: JobList): string {
  const jobs = jobConfigurations ?? [];
  const ended = jobs.filter((job) => problemOf(job) === undefined).length;
  const failed = jobs.filter(({ jobExitCode }) => jobExitCode === 'ERROR').length;
  const failures = failed === 0 ? '' : `, ${failed} failed`;
  return `${status ?? 'no status yet'}, ${ended} of ${jobs.length} jobs ended well${failures}`;
}
