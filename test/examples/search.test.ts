// From a search question to SQL and back to an answer. Pure.
import { expect, test } from 'vitest';
import { parseSearch, searchStatement } from '../../examples/portal/programs/search.ts';

/** The statement with this condition, as the total and the page both have it. */
const statement = (where: string, page: string): string =>
  'select city.id, city.name, city.country, country.name as "countryName", city.region, city.population,' +
  ` city.latitude, city.longitude, (select count(*) from city${where}) as total` +
  ` from city left join country on country.code = city.country${where}` +
  ` order by city.population desc, city.id ${page}`;

test.each([
  ['', { text: '', limit: 20, offset: 0 }],
  ['q=%20san%20', { text: 'san', limit: 20, offset: 0 }],
  ['country=de&region=Europe&limit=5&offset=10', { text: '', country: 'DE', region: 'Europe', limit: 5, offset: 10 }],
  ['limit=100000', { text: '', limit: 200, offset: 0 }],
  ['limit=&country=', { text: '', limit: 20, offset: 0 }],
])('the query %j is understood', (query, search) => {
  expect(parseSearch(new URLSearchParams(query))).toEqual(search);
});

test.each(['limit=-1', 'limit=1.5', 'offset=x', 'offset=1e3', 'limit=99999999999'])('the query %j is refused', (query) => {
  expect(() => parseSearch(new URLSearchParams(query))).toThrow(RangeError);
});

test('without a condition, all cities are found, the largest first', () => {
  expect(searchStatement({ text: '', limit: 20, offset: 0 })).toEqual({
    text: statement('', 'limit $1 offset $2'),
    values: [20, 0],
  });
});

test('every condition is a parameter', () => {
  expect(searchStatement({ text: 'san', country: 'US', region: 'America', limit: 5, offset: 10 })).toEqual({
    text: statement(' where city.search_name like lower($1) and city.country = $2 and city.region = $3', 'limit $4 offset $5'),
    values: ['%san%', 'US', 'America', 5, 10],
  });
});

test('signs that mean something to LIKE are searched for as they are', () => {
  expect(searchStatement({ text: '100%_\\', limit: 1, offset: 0 }).values[0]).toBe('%100\\%\\_\\\\%');
});
