// Requests that go straight: the contract, and what only they do: another address, TLS names, both address families.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directHttp } from '../../src/drivers/http/request.ts';
import { rejection } from '../contracts/cluster-objects.ts';
import type { Echo } from '../contracts/echo-server.ts';
import { answer, echoServer } from '../contracts/echo-server.ts';
import { httpContract } from '../contracts/http.ts';
import { close, listen, unusedPort } from './http-servers.ts';

httpContract('A request over the network', async () => {
  const server = echoServer();
  const port = await listen(server);
  const deadOrigin = `http://127.0.0.1:${await unusedPort()}`;
  return { http: directHttp(), origin: `http://127.0.0.1:${port}`, deadOrigin, end: () => close(server) };
});

const http = directHttp();
const fixtures = join(import.meta.dirname, 'fixtures');

async function echoing(host: string): Promise<number> {
  const server = echoServer();
  onTestFinished(() => close(server));
  return listen(server, host);
}

describe('a request to another address than its URL says', () => {
  it('goes to that address, with the host of the URL', async () => {
    const port = await echoing('127.0.0.1');
    const { body } = await http.request({ method: 'GET', url: `http://www.example.org:${port}/echo`, connectTo: '127.0.0.1', timeoutMs: 5_000 });
    expect(JSON.parse(body) as Echo).toMatchObject({ headers: { host: `www.example.org:${port}` } });
  });

  it('names that address when nobody answers there', async () => {
    const url = `http://www.example.org:${await unusedPort()}/page`;
    await expect(http.request({ method: 'GET', url, connectTo: '127.0.0.1', timeoutMs: 5_000 })).rejects.toThrow(`GET ${url} at 127.0.0.1: connect ECONNREFUSED`);
  });

  it('may go to an IPv6 address, given or in the URL', async () => {
    const port = await echoing('::1');
    expect(await http.request({ method: 'GET', url: `http://www.example.org:${port}/echo`, connectTo: '::1', timeoutMs: 5_000 })).toMatchObject({ status: 200 });
    expect(await http.request({ method: 'GET', url: `http://[::1]:${port}/echo`, timeoutMs: 5_000 })).toMatchObject({ status: 200 });
  });
});

describe('a request over TLS', () => {
  async function secureServer(): Promise<{ readonly port: number; readonly names: readonly unknown[] }> {
    const names: unknown[] = [];
    const [key, cert] = await Promise.all(['key', 'crt'].map((end) => readFile(join(fixtures, `www.example.org.${end}`))));
    const server = createServer({ key, cert }, answer);
    server.on('secureConnection', (socket) => names.push(socket.servername));
    onTestFinished(() => close(server));
    return { port: await listen(server), names };
  }

  async function trustTheServer(): Promise<void> {
    const before = tls.getCACertificates('default');
    onTestFinished(() => tls.setDefaultCACertificates(before));
    tls.setDefaultCACertificates([await readFile(join(fixtures, 'www.example.org.crt'), 'utf8')]);
  }

  it('asks for the certificate of the URL’s host, wherever it connects to, and checks it', async () => {
    await trustTheServer();
    const { port, names } = await secureServer();
    const request = { method: 'GET', connectTo: '127.0.0.1', timeoutMs: 5_000 } as const;
    expect(await http.request({ ...request, url: `https://www.example.org:${port}/status/200` })).toMatchObject({ status: 200 });
    expect(names).toEqual(['www.example.org']);
    expect(await rejection(http.request({ ...request, url: `https://other.example.org:${port}/status/200` }))).toBe('unavailable');
  });

  it('refuses a certificate that nobody vouches for, unless told to accept it', async () => {
    const { port } = await secureServer();
    const request = { method: 'GET', url: `https://www.example.org:${port}/status/200`, connectTo: '127.0.0.1', timeoutMs: 5_000 } as const;
    await expect(http.request(request)).rejects.toThrow(/self-signed certificate/);
    expect(await http.request({ ...request, insecure: true })).toMatchObject({ status: 200 });
  });
});

describe('what is no HTTP', () => {
  it('is unavailable, not an answer', async () => {
    const server = createNetServer((socket) => socket.resume().end('SSH-2.0-OpenSSH\r\n'));
    onTestFinished(() => close(server));
    expect(await rejection(http.request({ method: 'GET', url: `http://127.0.0.1:${await listen(server)}/`, timeoutMs: 5_000 }))).toBe('unavailable');
  });
});
