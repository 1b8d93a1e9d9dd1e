// The harvester: takes job lists over HTTP and loads what they ask for into PostgreSQL, one job after another.
import { randomUUID } from 'node:crypto';
import { citiesOf, readDataSet } from './cities.ts';
import { openDatabase } from './database.ts';
import { harvesterHandler, harvesterModes, type HarvesterMode } from './harvester-api.ts';
import { createJobLists, type JobListOptions } from './job-lists.ts';
import { loadCities, realPause, type LoadOptions } from './load-cities.ts';
import { startServer } from './server.ts';
import { numberFrom, readSettings } from './settings.ts';

export async function harvester(): Promise<void> {
  const settings = readSettings();
  const database = openDatabase(settings.database);
  const dataSet = await readDataSet();
  const options = {
    stretchMs: 1000 * numberFrom(process.env, 'LOAD_SECONDS', 0),
    failJob: process.env['FAIL_JOB'] ?? '',
    log: (line: string) => void process.stdout.write(`${line}\n`),
  };
  const lists = createJobLists({
    newId: randomUUID,
    runJob: jobRunner({ ...options, database, pause: realPause, citiesOf: (regions) => citiesOf(dataSet, regions) }),
  });
  await startServer({
    port: settings.port,
    headers: { 'x-release': settings.release },
    handle: harvesterHandler({ lists, ...credentials(process.env), mode: modeFrom(process.env['MODE']) }),
    ready: () => database.check(),
  });
  // No draining: a load cannot be moved to another pod, so waiting would only delay its end.
  process.once('SIGTERM', () => process.exit(0));
}

/** What a job needs beyond its own configuration; `failJob` is the description of the one that has to fail. */
export interface JobRunnerOptions extends LoadOptions {
  failJob: string;
  log: (line: string) => void;
  citiesOf: (regions: readonly string[]) => Parameters<typeof loadCities>[0];
}

export function jobRunner({ failJob, log, citiesOf: select, stretchMs, ...load }: JobRunnerOptions): JobListOptions['runJob'] {
  return async (job, share) => {
    if (job.description === failJob) throw new Error('failing, because the chart was told to (failJob)');
    const cities = select(job.regions);
    // A misspelt region would otherwise be a successful load of nothing.
    if (cities.length === 0) throw new Error(`no city lies in ${job.regions.join(', ')}`);
    const rows = await loadCities(cities, { ...load, stretchMs: stretchMs * share });
    log(`${job.description}: ${rows} rows`);
    return rows;
  };
}

function credentials(environment: NodeJS.ProcessEnv): { username: string; password: string } {
  const { HARVESTER_USERNAME: username = '', HARVESTER_PASSWORD: password = '' } = environment;
  if (username === '' || password === '') throw new Error('HARVESTER_USERNAME or HARVESTER_PASSWORD is missing');
  return { username, password };
}

function modeFrom(text = 'normal'): HarvesterMode {
  const mode = harvesterModes.find((known) => known === text);
  if (mode === undefined) throw new Error(`MODE is none of ${harvesterModes.join(', ')}: ${text}`);
  return mode;
}
