// What the programs want from a database, and PostgreSQL behind it. Nothing else here speaks SQL over a connection.
import pg from 'pg';
import type { City, Country } from './cities.ts';
import { searchStatement, type CitySearch } from './search.ts';
import type { Settings } from './settings.ts';

/** A city as an answer shows it. */
export interface FoundCity {
  id: number;
  name: string;
  /** ISO 3166 code; its name is null until the countries are loaded, which may happen after the cities. */
  country: string;
  countryName: string | null;
  region: string;
  population: number;
  latitude: number;
  longitude: number;
}

export interface SearchResult {
  /** All hits, not only those on this page. */
  total: number;
  cities: FoundCity[];
}

export interface Database {
  /** Rejects while the server does not answer or the schema is missing; an empty table is fine. */
  check(): Promise<void>;
  search(search: CitySearch): Promise<SearchResult>;
  countByRegion(): Promise<{ region: string; cities: number }[]>;
  /** Both may be repeated: a row that is there already is written over. */
  saveCities(cities: readonly City[]): Promise<void>;
  saveCountries(countries: readonly Country[]): Promise<void>;
  close(): Promise<void>;
}

// `on conflict`: a load that was interrupted is simply run again, and ends with the same rows.
const saveCities = `
  insert into city (id, name, ascii_name, country, population, latitude, longitude, region)
  select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::float8[], $7::float8[], $8::text[])
  on conflict (id) do update set name = excluded.name, ascii_name = excluded.ascii_name, country = excluded.country,
    population = excluded.population, latitude = excluded.latitude, longitude = excluded.longitude, region = excluded.region`;

const saveCountries = `
  insert into country (code, name) select * from unnest($1::text[], $2::text[])
  on conflict (code) do update set name = excluded.name`;

export function openDatabase(settings: Settings['database']): Database {
  // Short: a request that waits for a database that is gone is better answered with an error than held until the proxy gives up.
  const pool = new pg.Pool({ ...settings, max: 5, connectionTimeoutMillis: 2000, query_timeout: 10_000 });
  // Without a listener, the loss of an idle connection would end the process.
  pool.on('error', (error) => process.stderr.write(`database connection lost: ${error.message}\n`));
  return {
    check: async () => void (await pool.query('select 1 from city, country limit 1')),
    search: async (search) => {
      const { rows } = await pool.query<FoundCity & { total: string }>(searchStatement(search));
      // `count` is a bigint, and every row carries it; an answer says it once, as a number.
      const total = Number(rows[0]?.total ?? 0);
      return { total, cities: rows.map((row) => ({ ...row, total: undefined })) };
    },
    countByRegion: async () => {
      const text = 'select region, count(*)::int as cities from city group by region order by cities desc';
      return (await pool.query<{ region: string; cities: number }>(text)).rows;
    },
    saveCities: async (cities) => void (await pool.query(saveCities, cityColumns(cities))),
    saveCountries: async (countries) =>
      void (await pool.query(saveCountries, [countries.map(({ code }) => code), countries.map(({ name }) => name)])),
    close: () => pool.end(),
  };
}

/** One array per column: a statement of eight parameters, whatever the number of rows. */
function cityColumns(cities: readonly City[]): unknown[][] {
  const columns = ['id', 'name', 'asciiName', 'country', 'population', 'latitude', 'longitude', 'region'] as const;
  return columns.map((column) => cities.map((city) => city[column]));
}
