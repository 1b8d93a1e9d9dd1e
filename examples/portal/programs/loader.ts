// The loader Job: countries and the first half of the cities. It ends with 0 only when every row is in the database.
import { parseArgs } from 'node:util';
import { citiesOf, readDataSet } from './cities.ts';
import { openDatabase } from './database.ts';
import { loadCities, realPause } from './load-cities.ts';
import { readSettings } from './settings.ts';

// The loader has no job list to be named in; this is its name for the value `failJob`.
export const baseDataDescription = 'Base data';

export interface LoaderArguments {
  regions: string[];
  stretchMs: number;
}

export async function load(args: string[]): Promise<void> {
  const { regions, stretchMs } = parseLoaderArguments(args);
  if (process.env['FAIL_JOB'] === baseDataDescription) throw new Error('failing, because the chart was told to (failJob)');
  const dataSet = await readDataSet();
  const database = openDatabase(readSettings().database);
  // Countries first, so that no visitor of a half-loaded portal sees codes where names belong.
  await database.saveCountries(dataSet.countries);
  const rows = await loadCities(citiesOf(dataSet, regions), { database, stretchMs, pause: realPause });
  await database.close();
  process.stdout.write(`loaded ${dataSet.countries.length} countries and ${rows} cities of ${regions.join(', ')}\n`);
}

export function parseLoaderArguments(args: string[]): LoaderArguments {
  const { values } = parseArgs({
    args,
    options: { regions: { type: 'string' }, seconds: { type: 'string', default: '0' } },
  });
  const regions = (values.regions ?? '').split(',').filter((region) => region !== '');
  if (regions.length === 0) throw new Error('--regions=Europe,Africa,… is missing');
  const seconds = Number(values.seconds);
  if (!(seconds >= 0)) throw new Error(`--seconds is not a number: ${values.seconds}`);
  return { regions, stretchMs: seconds * 1000 };
}
