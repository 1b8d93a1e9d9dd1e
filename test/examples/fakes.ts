// An in-memory database, and the example's server on a free loopback port, for tests that need no PostgreSQL.
import type { City } from '../../examples/portal/programs/cities.ts';
import type { Database } from '../../examples/portal/programs/database.ts';
import type { CitySearch } from '../../examples/portal/programs/search.ts';
import { startServer, type Handler, type RunningServer } from '../../examples/portal/programs/server.ts';

export interface FakeDatabase extends Database {
  saved: City[];
  searches: CitySearch[];
  /** What every call rejects with, when set. */
  failure: Error | undefined;
}

export function fakeDatabase(cities: readonly City[] = []): FakeDatabase {
  const saved = [...cities];
  const searches: CitySearch[] = [];
  const attempt = async <Result>(act: () => Result): Promise<Result> => {
    if (database.failure !== undefined) throw database.failure;
    return act();
  };
  const database: FakeDatabase = {
    saved,
    searches,
    failure: undefined,
    check: () => attempt(() => undefined),
    search: (search) =>
      attempt(() => {
        searches.push(search);
        return { total: saved.length, cities: saved.map((row) => ({ ...row, countryName: null })) };
      }),
    countByRegion: () => attempt(() => [{ region: 'Europe', cities: saved.length }]),
    saveCities: (rows) => attempt(() => void saved.push(...rows)),
    saveCountries: () => attempt(() => undefined),
    close: async () => undefined,
  };
  return database;
}

export function city(values: Partial<City> = {}): City {
  return {
    id: 2950159,
    name: 'Berlin',
    asciiName: 'Berlin',
    country: 'DE',
    population: 3426354,
    latitude: 52.52437,
    longitude: 13.41053,
    region: 'Europe',
    ...values,
  };
}

export async function serve(handle: Handler, ready: () => Promise<void> = async () => undefined): Promise<RunningServer> {
  return startServer({ port: 0, headers: { 'x-release': 'prod-2hpwr' }, handle, ready, log: () => undefined });
}
