// Which cities each loader loads, and what becomes of a load that fails. On a fake database.
import { expect, test } from 'vitest';
import { parseCities, parseCountries } from '../../examples/portal/programs/cities.ts';
import { loadCities } from '../../examples/portal/programs/load-cities.ts';
import { parseLoaderArguments } from '../../examples/portal/programs/loader.ts';
import { readSettings } from '../../examples/portal/programs/settings.ts';
import { city, fakeDatabase } from './fakes.ts';

const berlin = '2950159\tBerlin\tBerlin\tBER,Berlim\t52.52437\t13.41053\tP\tPPLC\tDE\t\t16\t00\t11000\t11000000\t3426354\t74\t43\tEurope/Berlin\t2012-09-19';

test('a line of the data set becomes a city', () => {
  expect(parseCities(`${berlin}\n`)).toEqual([city()]);
});

test('comments in the list of countries are passed over', () => {
  expect(parseCountries('#ISO\tISO3\n\nDE\tDEU\t276\tGM\tGermany\tBerlin\n')).toEqual([{ code: 'DE', name: 'Germany' }]);
});

test('cities are written in batches, each once', async () => {
  const database = fakeDatabase();
  const batches: number[] = [];
  const counting = { saveCities: (rows: Parameters<typeof database.saveCities>[0]) => (batches.push(rows.length), database.saveCities(rows)) };
  const cities = Array.from({ length: 1200 }, (_, id) => city({ id }));
  expect(await loadCities(cities, { database: counting, stretchMs: 0, pause: async () => undefined })).toBe(1200);
  expect(batches).toEqual([500, 500, 200]);
  expect(database.saved).toEqual(cities);
});

test('a load that is to take long pauses after each batch, in proportion', async () => {
  const pauses: number[] = [];
  const cities = Array.from({ length: 1000 }, (_, id) => city({ id }));
  await loadCities(cities, { database: fakeDatabase(), stretchMs: 60_000, pause: async (ms) => void pauses.push(ms) });
  expect(pauses).toEqual([30_000, 30_000]);
});

test('a database that fails in the middle fails the load', async () => {
  const database = fakeDatabase();
  const pause = async (): Promise<void> => void (database.failure = new Error('disk full'));
  const cities = Array.from({ length: 1000 }, (_, id) => city({ id }));
  await expect(loadCities(cities, { database, stretchMs: 1, pause })).rejects.toThrow('disk full');
});

test('the loader is told its regions and its length', () => {
  expect(parseLoaderArguments(['--regions=Africa,Europe', '--seconds=1.5'])).toEqual({ regions: ['Africa', 'Europe'], stretchMs: 1500 });
  expect(parseLoaderArguments(['--regions=Africa']).stretchMs).toBe(0);
});

test.each([
  [[], '--regions=Europe,Africa,… is missing'],
  [['--regions=,'], '--regions=Europe,Africa,… is missing'],
  [['--regions=Asia', '--seconds=soon'], '--seconds is not a number: soon'],
  [['--region=Asia'], "Unknown option '--region'"],
])('the loader refuses %j', (args, message) => {
  expect(() => parseLoaderArguments(args)).toThrow(message);
});

test('settings come from the environment, and a number that is none is refused', () => {
  expect(readSettings({ RELEASE: 'prod-2hpwr', DRAIN_SECONDS: '3' })).toMatchObject({ release: 'prod-2hpwr', drainMs: 3000, port: 8080 });
  expect(() => readSettings({ PORT: 'http' })).toThrow('PORT is not a number: http');
});
