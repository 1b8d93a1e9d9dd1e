// From the query string of a search to one SQL statement. Pure: whatever a visitor types ends up in a parameter, never in the SQL.

/** What a visitor asks for; an empty text finds every city. */
export interface CitySearch {
  text: string;
  country?: string;
  region?: string;
  limit: number;
  offset: number;
}

export interface Statement {
  text: string;
  values: (string | number)[];
}

// Enough for a page; whoever wants all of the data pages through it with `offset`.
const maximumLimit = 200;

/** Throws a RangeError with a message for the visitor. */
export function parseSearch(parameters: URLSearchParams): CitySearch {
  const country = parameters.get('country');
  const region = parameters.get('region');
  return {
    text: (parameters.get('q') ?? '').trim().slice(0, 100),
    ...(country ? { country: country.toUpperCase() } : {}),
    ...(region ? { region } : {}),
    limit: wholeNumber(parameters, 'limit', { fallback: 20, maximum: maximumLimit }),
    offset: wholeNumber(parameters, 'offset', { fallback: 0, maximum: 1_000_000 }),
  };
}

/** Largest city first; every row carries the number of all hits as `total`. */
export function searchStatement(search: CitySearch): Statement {
  const values: (string | number)[] = [];
  const conditions: string[] = [];
  const parameter = (value: string | number): string => `$${values.push(value)}`;
  if (search.text !== '') {
    const pattern = parameter(`%${escapeLike(search.text)}%`);
    conditions.push(`city.search_name like lower(${pattern})`);
  }
  if (search.country !== undefined) conditions.push(`city.country = ${parameter(search.country)}`);
  if (search.region !== undefined) conditions.push(`city.region = ${parameter(search.region)}`);
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  const text = [
    'select city.id, city.name, city.country, country.name as "countryName", city.region, city.population,',
    // Not `count(*) over()`: that would carry all hits through the join and the sort to show twenty of them.
    ` city.latitude, city.longitude, (select count(*) from city${where}) as total`,
    ` from city left join country on country.code = city.country${where}`,
    // The id makes the order total: pages neither repeat nor skip a city.
    ` order by city.population desc, city.id limit ${parameter(search.limit)} offset ${parameter(search.offset)}`,
  ].join('');
  return { text, values };
}

function wholeNumber(
  parameters: URLSearchParams,
  name: string,
  { fallback, maximum }: { fallback: number; maximum: number },
): number {
  const text = parameters.get(name);
  if (text === null || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${name} is not a whole number: ${text}`);
  return Math.min(Number(text), maximum);
}

/** A visitor who types a percent sign looks for a percent sign. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
