// Notifications to a server on loopback. Above all: the address, which is a secret, appears in no error.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Notification } from '../../src/drivers/notify/notify.ts';
import { webhookNotifier } from '../../src/drivers/notify/webhook.ts';
import { notifierContract } from '../contracts/notify.ts';

const secretPath = '/services/T000/planted-secret';
const notification: Notification = {
  environment: 'prod',
  operation: 'rebuild',
  runId: 'r-1',
  event: 'succeeded',
  text: 'prod-2hpwr is live',
  at: '2026-11-21T10:00:00.000Z',
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((parts) => {
      bodies.push(parts.join(''));
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${secretPath}`, bodies };
}

async function failure(url: string, timeoutMs = 10_000): Promise<DriverError> {
  const error: unknown = await webhookNotifier({ readUrl: async () => url, timeoutMs }).send(notification).catch((thrown: unknown) => thrown);
  if (!(error instanceof DriverError)) throw new Error(`expected a DriverError, got ${String(error)}`);
  expect(JSON.stringify([error.message, error.stack, error.detail, error.attempted, error.cause ?? null])).not.toContain('planted');
  return error;
}

notifierContract('a webhook', async () => {
  const { url, bodies } = await start((_request, response) => response.end('ok'));
  const [close] = closers.splice(0);
  return {
    notifier: webhookNotifier({ readUrl: async () => url }),
    told: async (runId) => bodies.map((body) => JSON.parse(body) as Notification).filter((one) => one.runId === runId).map(({ text }) => text),
    end: async () => close?.(),
  };
});

describe('a notification by webhook', () => {
  it('is one POST of JSON with a text that Slack shows, and the facts beside it', async () => {
    const { url, bodies } = await start((_request, response) => response.end('ok'));
    await webhookNotifier({ readUrl: async () => `${url}\n` }).send(notification);
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([{ ...notification, text: 'prod rebuild: prod-2hpwr is live' }]);
  });

  it.each([
    [403, 'forbidden'],
    [404, 'notFound'],
    [410, 'notFound'],
    [400, 'invalid'],
    [429, 'unavailable'],
    [500, 'unavailable'],
  ])('that is answered with %d is %s', async (status, reason) => {
    const { url } = await start((_request, response) => response.writeHead(status).end('no'));
    expect(await failure(url)).toMatchObject({ reason, detail: `HTTP ${status}` });
  });

  it('follows no redirect: the address it leads to was not configured', async () => {
    const { url, bodies } = await start((_request, response) => response.writeHead(307, { location: '/elsewhere/planted' }).end());
    expect((await failure(url)).reason).toBe('unavailable');
    expect(bodies).toHaveLength(1);
  });

  it('that nobody answers is a timeout', async () => {
    const { url } = await start(() => undefined);
    expect(await failure(url, 50)).toMatchObject({ reason: 'timeout', detail: 'no answer in 0.05 s' });
  });

  it('to where nobody listens is unavailable', async () => {
    const { url } = await start(() => undefined);
    await closers.pop()?.();
    expect(await failure(url)).toMatchObject({ reason: 'unavailable', detail: 'ECONNREFUSED' });
  });

  it.each(['planted-secret', 'file:///etc/planted', 'ftp://example.org/planted', ''])('to "%s", which is no web address, is refused', async (url) => {
    expect((await failure(url)).reason).toBe('invalid');
  });
});
