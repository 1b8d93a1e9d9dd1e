// Where the data configuration comes from, and when it is refused before anything is sent.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDataConfig } from '../../src/drivers/load/data-config.ts';
import type { Http, HttpResponse } from '../../src/drivers/http/http.ts';

const text = '{ "jobConfigurations": [{ "description": "Cities", "since": 12345678901234567890 }] }';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'changeover-data-'))));
afterAll(() => rm(folder, { recursive: true }));

/** A web that has these pages; everything else is 404. */
function web(pages: Record<string, Partial<HttpResponse>>): Http & { readonly asked: string[] } {
  const asked: string[] = [];
  const page = (url: string): Partial<HttpResponse> => pages[url] ?? { status: 404 };
  return { asked, request: async ({ url }) => (asked.push(url), { status: 200, headers: {}, body: '', truncated: false, durationMs: 1, ...page(url) }) };
}

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe('a file', () => {
  test('is sent as it is written: numbers too long for this program stay as they are', async () => {
    expect(await readDataConfig(await file('data.json', text), web({}))).toEqual({ json: text, jobs: ['Cities'] });
  });

  test('that is missing is refused', async () => {
    await expect(readDataConfig(join(folder, 'missing.json'), web({}))).rejects.toMatchObject({ reason: 'notFound' });
  });

  test.each(['{ "jobs": ', '', 'jobs: []'])('that holds %j instead of JSON is refused', async (content) => {
    await expect(readDataConfig(await file('broken.json', content), web({}))).rejects.toMatchObject({ reason: 'invalid' });
  });

  test('need not name its jobs: then the harvester does', async () => {
    expect((await readDataConfig(await file('classic.json', '{"organisations":[]}'), web({}))).jobs).toBeUndefined();
  });
});

describe('a URL', () => {
  const url = 'https://example.org/data.json?token=hunter2';

  test('is fetched', async () => {
    expect(await readDataConfig(url, web({ [url]: { body: text } }))).toEqual({ json: text, jobs: ['Cities'] });
  });

  test('is followed where it leads, as files behind a stable address need it', async () => {
    const pages = web({ [url]: { status: 302, headers: { location: '/v2/data.json' } }, 'https://example.org/v2/data.json': { body: text } });
    expect((await readDataConfig(url, pages)).json).toBe(text);
  });

  test('that leads in a circle is given up after five redirects', async () => {
    const pages = web({ [url]: { status: 301, headers: { location: url } } });
    await expect(readDataConfig(url, pages)).rejects.toMatchObject({ reason: 'unreadable' });
    expect(pages.asked).toHaveLength(6);
  });

  test.each([
    ['404', { status: 404 }, 'notFound'],
    ['403', { status: 403 }, 'forbidden'],
    ['503', { status: 503 }, 'unavailable'],
    ['a page', { body: '<html>' }, 'invalid'],
    ['more than can be read', { body: text, truncated: true }, 'unreadable'],
  ])('that answers %s is refused, without showing its query', async (_, answer, reason) => {
    const error = await readDataConfig(url, web({ [url]: answer })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason });
    expect(String(error)).not.toContain('hunter2');
  });
});
