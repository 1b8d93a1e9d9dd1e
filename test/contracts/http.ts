// What every Http must do, whichever way its requests take. The server is the one of `echo-server.ts`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Http, HttpRequest, HttpResponse } from '../../src/drivers/http/http.ts';
import { rejection } from './cluster-objects.ts';
import type { Echo } from './echo-server.ts';
import { largeBodyBytes } from './echo-server.ts';

export interface HttpUnderTest {
  readonly http: Http;
  /** `http://127.0.0.1:1234`, or a Service's name: leads to the echo server. */
  readonly origin: string;
  /** Leads to where nothing answers any more. */
  readonly deadOrigin: string;
  end(): Promise<void>;
}

export function httpContract(name: string, make: () => Promise<HttpUnderTest>): void {
  describe(`${name} keeps the contract of HTTP`, () => {
    let made: HttpUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.end());

    const get = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
      made.http.request({ method: 'GET', url: made.origin + path, timeoutMs: 5_000, ...more });
    const echo = async (path: string, more: Partial<HttpRequest> = {}): Promise<Echo> => JSON.parse((await get(path, more)).body) as Echo;

    it('asks for exactly this path and query, as the host of the URL', async () => {
      expect(await echo('/echo/a%20b?x=1&y=%26')).toMatchObject({ method: 'GET', url: '/echo/a%20b?x=1&y=%26', headers: { host: new URL(made.origin).host } });
    });

    it('sends headers, the authorization included, and a body', async () => {
      const headers = { Authorization: 'Basic dXNlcjpwYXNz', 'Content-Type': 'application/json' };
      const seen = await echo('/echo', { method: 'POST', headers, body: '{"text":"größe"}' });
      expect(seen).toMatchObject({ method: 'POST', body: '{"text":"größe"}', headers: { authorization: 'Basic dXNlcjpwYXNz', 'content-type': 'application/json' } });
    });

    it('lets the caller name another host', async () => {
      expect(await echo('/echo', { headers: { Host: 'www.example.org' } })).toMatchObject({ headers: { host: 'www.example.org' } });
    });

    it.each([200, 204, 404, 500, 503])('takes status %i for an answer', async (status) => {
      expect(await get(`/status/${status}`)).toMatchObject({ status });
    });

    it('does not follow a redirect', async () => {
      expect(await get('/redirect')).toMatchObject({ status: 302, headers: { location: '/echo' } });
    });

    it('gives a body that came in pieces whole, and says how long it took', async () => {
      const { body, truncated, durationMs } = await get('/pieces');
      expect({ body, truncated }).toEqual({ body: 'one two größe', truncated: false });
      expect(durationMs).toBeGreaterThan(0);
    });

    it('cuts a body that is too long, and says so', async () => {
      const { body, truncated } = await get('/large');
      expect(truncated).toBe(true);
      expect(body).toHaveLength(1024 * 1024);
      expect(largeBodyBytes).toBeGreaterThan(body.length);
    });

    it('gives up when no complete answer comes in time', async () => {
      expect(await rejection(get('/silent', { timeoutMs: 200 }))).toBe('timeout');
      expect(await rejection(get('/stuck', { timeoutMs: 200 }))).toBe('timeout');
    });

    it('tells an answer that was cut off from a whole one', async () => {
      expect(await rejection(get('/cut'))).toBe('unavailable');
    });

    it('is unavailable where nobody answers', async () => {
      expect(await rejection(made.http.request({ method: 'GET', url: `${made.deadOrigin}/echo`, timeoutMs: 5_000 }))).toBe('unavailable');
    });

    it('never shows the query or the headers in an error', async () => {
      const request = made.http.request({ method: 'GET', url: `${made.deadOrigin}/echo?token=hunter2`, headers: { authorization: 'hunter2' }, timeoutMs: 5_000 });
      await expect(request).rejects.toSatisfy((error: Error) => error.message.includes('/echo') && !error.message.includes('hunter2'));
    });
  });
}
