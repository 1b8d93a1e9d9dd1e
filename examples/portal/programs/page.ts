// The HTML page of the portal. Pure; everything that comes from outside goes through `escape`.
import type { SearchResult } from './database.ts';
import type { CitySearch } from './search.ts';

export interface PageContent {
  release: string;
  build: string;
  regions: readonly { region: string; cities: number }[];
  search: CitySearch;
  result: SearchResult;
}

export function page({ release, build, regions, search, result }: PageContent): string {
  const all = regions.reduce((total, { cities }) => total + cities, 0);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Cities of the world</title>
<style>body { font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto } td { padding-right: 1.5em } footer { color: #666 }</style>
<h1>Cities of the world</h1>
<form><input name="q" value="${escape(search.text)}" autofocus> <button>Search</button></form>
<p>${result.total} of ${all} cities</p>
<table>
${result.cities.map(row).join('\n')}
</table>
<p>${regions.map(({ region, cities }) => `${escape(region)} ${cities}`).join(', ') || 'No data has been loaded yet.'}</p>
<footer>Answered by release <b id="release">${escape(release)}</b> ${escape(build)}<br>
Data: GeoNames (geonames.org), CC BY 4.0</footer>
</html>
`;
}

function row(city: SearchResult['cities'][number]): string {
  const country = escape(city.countryName ?? city.country);
  return `<tr><td>${escape(city.name)}<td>${country}<td>${city.population.toLocaleString('en')}`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
