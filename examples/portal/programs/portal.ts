// The public face: `/` is a page for people, `/search` the same as JSON. It reads the database and never writes.
import { openDatabase, type Database } from './database.ts';
import { page } from './page.ts';
import { parseSearch } from './search.ts';
import { drainOnSignal, json, startServer, type Answer, type Handler } from './server.ts';
import { readSettings } from './settings.ts';

export async function portal(): Promise<void> {
  if (process.env['CRASH'] === 'true') throw new Error('crashing, because the chart was told to (portal.crash)');
  const settings = readSettings();
  const database = openDatabase(settings.database);
  const server = await startServer({
    port: settings.port,
    headers: { 'x-release': settings.release },
    handle: portalHandler(database, settings),
    ready: () => database.check(),
  });
  await drainOnSignal(server, settings.drainMs);
  await database.close();
}

export function portalHandler(database: Database, { release, build }: { release: string; build: string }): Handler {
  return async (request, url) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'only GET is served here' });
    const forPeople = url.pathname === '/';
    if (!forPeople && url.pathname !== '/search') return json(404, { error: 'not found' });
    // A mistake of the visitor is told to the visitor; any other error is ours, and only logged.
    const search = searchOf(url);
    if (typeof search === 'string') return json(400, { error: search });
    const result = await database.search(search);
    if (!forPeople) return json(200, { release, build, ...result });
    return html(page({ release, build, search, result, regions: await database.countByRegion() }));
  };
}

function searchOf(url: URL): ReturnType<typeof parseSearch> | string {
  try {
    return parseSearch(url.searchParams);
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function html(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
