// The HTTP job-list API of the classic harvester: submit a data configuration, run the list that it makes, look at it.

import type { JobListConfig } from '../../config/sections/load.ts';
import type { NamedJob, Secrets } from '../drivers.ts';
import { DriverError, failedWith } from '../failure.ts';
import type { Http } from '../http/http.ts';
import { unreadable, type Asked } from './answers.ts';
import { readDataConfig } from './data-config.ts';
import { harvesterApi, type Authorization, type HarvesterApi } from './harvester-api.ts';
import { completed, idIn, isList, listHandle, stateOf, titleOf, type JobList, type ListHandle } from './list-state.ts';
import type { LoadDriver, LoadState, LoadTarget } from './load.ts';
import { notedHandle } from './noted.ts';

export interface JobListOptions {
  readonly http: Http;
  readonly secrets: Secrets;
  /** The top-level `dataConfig`, for jobs that name none of their own. */
  readonly dataConfig: string | undefined;
}

type Job = NamedJob<JobListConfig>;

export function jobListDriver(options: JobListOptions): LoadDriver<Job> {
  const authorizations = new Map<string, Promise<Authorization>>();

  // Read once per job and release: a poll must not cost a look at the Secret.
  function api(job: Job, target: LoadTarget): Promise<HarvesterApi> {
    const key = `${target.namespace}/${job.name}`;
    const known = authorizations.get(key) ?? readAuthorization(job, target, options.secrets);
    authorizations.set(key, known);
    known.catch(() => authorizations.delete(key));
    return known.then((authorization) => harvesterApi(options.http, baseOf(job, target), authorization));
  }

  return {
    async prepare(job, target) {
      const source = job.config.dataConfig ?? options.dataConfig;
      if (source === undefined) throw new DriverError({ reason: 'invalid', attempted: `load job ${job.name}`, detail: 'no dataConfig is configured' });
      const dataConfig = await readDataConfig(source.replaceAll('{namespace}', target.namespace), options.http);
      const harvester = await api(job, target);
      const id = await harvester.submit(dataConfig);
      return handleOf(await harvester.show(id), { id, jobs: dataConfig.jobs, asked: harvester.asked });
    },

    async start(job, target, noted) {
      const handle = notedHandle(listHandle, noted, job.name);
      const harvester = await api(job, target);
      const list = await harvester.show(handle.id);
      if (!isList(list, handle.id)) throw unreadable(harvester.asked, `answers with ${idIn(list)}, not with list ${handle.id}`);
      // Somebody who was killed before he could note it has run it already.
      if ((list.status ?? null) !== handle.statusBefore) return;
      await harvester.run(handle.id);
    },

    async poll(job, target, noted): Promise<LoadState> {
      const handle = notedHandle(listHandle, noted, job.name);
      const harvester = await api(job, target);
      try {
        return located(stateOf(await harvester.show(handle.id), handle, job.name), { handle, job, target });
      } catch (error) {
        if (!failedWith(error, 'notFound', 'unreadable', 'invalid', 'forbidden', 'conflict')) throw error;
        const forgotten = error.reason === 'notFound' ? `the harvester has forgotten list ${handle.id}: ` : '';
        return located({ state: 'failed', failures: [{ job: job.name, reason: `${forgotten}${error.message}` }] }, { handle, job, target });
      }
    },

    // The API has no word for it: a list that was run runs on, in a candidate that is about to be removed.
    cancel: async () => undefined,
  };
}

/** Which list to look at; when its jobs failed, and what they logged, the API does not say. */
function located(state: LoadState, { handle, job, target }: { handle: ListHandle; job: Job; target: LoadTarget }): LoadState {
  if (state.state !== 'failed') return state;
  return { state: 'failed', failures: state.failures.map((failure) => ({ ...failure, object: `list ${handle.id} at ${baseOf(job, target)}` })) };
}

function handleOf(list: JobList, { id, jobs, asked }: { id: string; jobs: readonly string[] | undefined; asked: Asked }): ListHandle {
  if (!isList(list, id)) throw unreadable(asked, `answers with ${idIn(list)} when asked for list ${id}`);
  // Its next `Completed` could not be told from this one.
  if (list.status === completed) throw unreadable(asked, `list ${id} is ${completed} before it was run`);
  const names = jobs ?? (list.jobConfigurations ?? []).map(titleOf);
  if (names.length === 0) throw new DriverError({ reason: 'invalid', attempted: asked.attempted, detail: `list ${id} has no jobs: nothing would be loaded` });
  return { id, statusBefore: list.status ?? null, jobs: [...names] };
}

function baseOf(job: Job, target: LoadTarget): string {
  return job.config.base.replaceAll('{namespace}', target.namespace).replace(/\/+$/, '');
}

/** Rejects as `Secrets` does. */
async function readAuthorization({ config: { credentials } }: Job, target: LoadTarget, secrets: Secrets): Promise<Authorization> {
  if (credentials === undefined) return { headers: {}, secrets: [] };
  const password = await secrets.read(credentials.password, target.namespace);
  const token = Buffer.from(`${credentials.username}:${password}`).toString('base64');
  return { headers: { authorization: `Basic ${token}` }, secrets: [token, password] };
}
