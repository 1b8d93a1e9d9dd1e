// The portal over loopback: pages, readiness, and how it leaves.
import { afterEach, expect, test } from 'vitest';
import { portalHandler } from '../../examples/portal/programs/portal.ts';
import type { RunningServer } from '../../examples/portal/programs/server.ts';
import { city, fakeDatabase, serve } from './fakes.ts';

let server: RunningServer;
let closed = false;
afterEach(async () => {
  if (!closed) await server.close();
  closed = false;
});

async function start(cities = [city()]) {
  const database = fakeDatabase(cities);
  server = await serve(portalHandler(database, { release: 'prod-2hpwr', build: 'build 7' }), () => database.check());
  return { database, get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init) };
}

test('every answer names the release, errors too', async () => {
  const { get } = await start();
  for (const path of ['/', '/search', '/ready', '/live', '/nowhere', '/search?limit=x']) {
    expect((await get(path)).headers.get('x-release'), path).toBe('prod-2hpwr');
  }
});

test('the search answers with JSON, and hands over what was asked for', async () => {
  const { get, database } = await start();
  const response = await get('/search?q=berl&country=de&limit=3');
  expect(await response.json()).toMatchObject({ release: 'prod-2hpwr', build: 'build 7', total: 1, cities: [{ name: 'Berlin' }] });
  expect(database.searches).toEqual([{ text: 'berl', country: 'DE', limit: 3, offset: 0 }]);
});

test('the page shows the cities, the release and its build', async () => {
  const { get } = await start();
  const response = await get('/');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const text = await response.text();
  expect(text).toContain('<tr><td>Berlin<td>DE<td>3,426,354');
  expect(text).toContain('<b id="release">prod-2hpwr</b> build 7');
});

test('what a visitor types comes back as text, never as markup', async () => {
  const { get } = await start([city({ name: '<b>Berlin</b>' })]);
  const text = await (await get(`/?q=${encodeURIComponent('"><script>')}`)).text();
  expect(text).not.toContain('<script>');
  expect(text).not.toContain('<b>Berlin');
});

test('a search that makes no sense is 400, another path 404, a write 405', async () => {
  const { get } = await start();
  const statuses = [await get('/search?limit=x'), await get('/nowhere'), await get('/', { method: 'POST' })];
  expect(statuses.map(({ status }) => status)).toEqual([400, 404, 405]);
});

test('ready with an empty table, not without a database', async () => {
  const { get, database } = await start([]);
  expect((await get('/ready')).status).toBe(200);
  database.failure = new Error('relation "city" does not exist');
  const response = await get('/ready');
  expect([response.status, await response.json()]).toEqual([503, { ready: false, reason: 'relation "city" does not exist' }]);
  expect((await get('/live')).status).toBe(200);
});

test('a database that fails is 500, and the visitor learns nothing of its inside', async () => {
  const { get, database } = await start();
  database.failure = new Error('password authentication failed for user "portal"');
  const response = await get('/search');
  expect([response.status, await response.text()]).toEqual([500, '{"error":"the request could not be answered"}\n']);
});

test('going away: unready at once, still answering, and asking to close the connection', async () => {
  const { get } = await start();
  expect((await get('/search')).headers.get('connection')).toBe('keep-alive');
  server.startDraining();
  expect((await get('/ready')).status).toBe(503);
  const response = await get('/search');
  expect([response.status, response.headers.get('connection')]).toEqual([200, 'close']);
});

test('closing waits for the answer that is still being worked on', async () => {
  let finish = (): void => undefined;
  const working = new Promise<void>((resolve) => (finish = resolve));
  let arrived = (): void => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  server = await serve(async () => {
    arrived();
    await working;
    return { status: 200, body: 'done' };
  });
  const answer = fetch(`http://127.0.0.1:${server.port}/`);
  await arrival;
  server.startDraining();
  const closing = server.close().then(() => 'closed');
  expect(await Promise.race([closing, new Promise((resolve) => setImmediate(resolve, 'open'))])).toBe('open');
  finish();
  expect(await (await answer).text()).toBe('done');
  expect(await closing).toBe('closed');
  closed = true;
});
