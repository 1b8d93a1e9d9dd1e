// The job lists of the harvester: created from a data configuration, run one after another, kept in memory and nowhere else.
// Like the classic one, a harvester that restarts has forgotten them all; the caller has to notice.

export interface JobConfiguration {
  description: string;
  regions: string[];
}

export interface DataConfiguration {
  description: string;
  jobConfigurations: JobConfiguration[];
}

/** What a caller sees of one job; `ERROR` is the only exit code that means failure. */
export interface JobState {
  description: string;
  jobExitCode: 'UNKNOWN' | 'EXECUTING' | 'COMPLETED' | 'ERROR';
  rows: number;
  message?: string;
}

/** What a caller polls. `Completed` is said of lists with failed jobs, too. */
export interface JobList {
  id: string;
  description: string;
  status: 'Created' | 'Queued' | 'Running' | 'Completed';
  jobConfigurations: JobState[];
}

export interface JobLists {
  create(configuration: DataConfiguration): string;
  get(id: string): JobList | undefined;
  /** Starts the list; false if it does not exist, `again` if it was started before. Resolves before the first row is loaded. */
  run(id: string): 'started' | 'again' | 'missing';
  /** Drops all lists at once; a job that is being loaded goes on unseen. */
  forget(): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export interface JobListOptions {
  newId: () => string;
  /** Loads one job and answers the number of its rows. `share` is its part of the whole list, from 0 to 1. */
  runJob: (job: JobConfiguration, share: number) => Promise<number>;
}

// Anyone inside the cluster may create lists; the memory they take has to end somewhere.
const maximumLists = 100;

export function createJobLists({ newId, runJob }: JobListOptions): JobLists {
  const lists = new Map<string, { list: JobList; configuration: DataConfiguration }>();
  let queue: Promise<void> = Promise.resolve();
  return {
    create: (configuration) => {
      const id = newId();
      const [oldest] = lists.keys();
      if (lists.size >= maximumLists && oldest !== undefined) lists.delete(oldest);
      lists.set(id, { list: newList(id, configuration), configuration });
      return id;
    },
    get: (id) => lists.get(id)?.list,
    run: (id) => {
      const entry = lists.get(id);
      if (entry === undefined) return 'missing';
      if (entry.list.status !== 'Created') return 'again';
      entry.list.status = 'Queued';
      queue = queue.then(() => runList(entry.list, entry.configuration, runJob));
      return 'started';
    },
    forget: () => lists.clear(),
    idle: () => queue,
  };
}

/** Throws a TypeError that says what is wrong with a configuration that came in from outside. */
export function parseDataConfiguration(value: unknown): DataConfiguration {
  const { description, jobConfigurations } = objectFrom(value, 'the data configuration');
  if (!Array.isArray(jobConfigurations) || jobConfigurations.length === 0) {
    throw new TypeError('jobConfigurations is not a list of at least one job');
  }
  return {
    description: typeof description === 'string' ? description : '',
    jobConfigurations: jobConfigurations.map((job: unknown, index) => parseJob(job, `jobConfigurations[${index}]`)),
  };
}

function parseJob(value: unknown, where: string): JobConfiguration {
  const { description, regions } = objectFrom(value, where);
  if (typeof description !== 'string' || description === '') throw new TypeError(`${where}.description is not a text`);
  if (!Array.isArray(regions) || !regions.every((region) => typeof region === 'string')) {
    throw new TypeError(`${where}.regions is not a list of texts`);
  }
  return { description, regions };
}

function objectFrom(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${where} is not an object`);
  return value as Record<string, unknown>;
}

function newList(id: string, { description, jobConfigurations }: DataConfiguration): JobList {
  const jobs = jobConfigurations.map((job) => ({ description: job.description, jobExitCode: 'UNKNOWN' as const, rows: 0 }));
  return { id, description, status: 'Created', jobConfigurations: jobs };
}

/** A failed job does not stop the ones after it: `Completed` says that the list is through, not that all went well. */
async function runList(list: JobList, configuration: DataConfiguration, runJob: JobListOptions['runJob']): Promise<void> {
  list.status = 'Running';
  for (const [index, job] of configuration.jobConfigurations.entries()) {
    const state = list.jobConfigurations[index];
    if (state === undefined) continue;
    state.jobExitCode = 'EXECUTING';
    try {
      state.rows = await runJob(job, 1 / configuration.jobConfigurations.length);
      state.jobExitCode = 'COMPLETED';
    } catch (error) {
      state.message = error instanceof Error ? error.message : String(error);
      state.jobExitCode = 'ERROR';
    }
  }
  list.status = 'Completed';
}
