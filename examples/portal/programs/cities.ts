// Reads the data set: GeoNames' cities of more than 15,000 inhabitants, as Debian's libtimezonemap-data ships them (CC BY 4.0).
// Columns: https://download.geonames.org/export/dump/readme.txt
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface City {
  id: number;
  name: string;
  asciiName: string;
  country: string;
  population: number;
  latitude: number;
  longitude: number;
  /** First part of the time zone: `Europe`, `America`, `Pacific` …; it divides the data into loads. */
  region: string;
}

export interface Country {
  code: string;
  name: string;
}

export interface DataSet {
  cities: readonly City[];
  countries: readonly Country[];
}

/** The whole set, 5 MB in memory; it comes with the image, so that a load needs no network but the database's. */
export async function readDataSet(directory = '/usr/share/libtimezonemap/ui'): Promise<DataSet> {
  const [cities, countries] = await Promise.all([
    readFile(path.join(directory, 'cities15000.txt'), 'utf8'),
    readFile(path.join(directory, 'countryInfo.txt'), 'utf8'),
  ]);
  return { cities: parseCities(cities), countries: parseCountries(countries) };
}

export function parseCities(text: string): City[] {
  return lines(text).map((fields) => ({
    id: Number(fields[0]),
    name: fields[1] ?? '',
    asciiName: fields[2] ?? '',
    country: fields[8] ?? '',
    population: Number(fields[14]),
    latitude: Number(fields[4]),
    longitude: Number(fields[5]),
    region: (fields[17] ?? '').split('/')[0] ?? '',
  }));
}

/** Lines that begin with `#` are the head of the table. */
export function parseCountries(text: string): Country[] {
  return lines(text).map((fields) => ({ code: fields[0] ?? '', name: fields[4] ?? '' }));
}

export function citiesOf(dataSet: DataSet, regions: readonly string[]): City[] {
  return dataSet.cities.filter(({ region }) => regions.includes(region));
}

function lines(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));
}
