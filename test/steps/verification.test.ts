// One round of HTTP checks: where they connect, what they send, and what they call a failure.

import { describe, expect, test } from 'vitest';
import { checkHostProblems, dnsNameOf } from '../../src/plan/check-hosts.ts';
import { findCheckTargets, runChecks, runHttpChecks } from '../../src/steps/verification.ts';
import { balancer, environmentWith, noAnswer, verificationWorld } from './verifyRelease-world.ts';

const www = { url: 'https://www.example.org/search?q=oslo' };
const api = { url: 'http://api.example.org/health' };

function worldWith(...http: readonly object[]): ReturnType<typeof verificationWorld> {
  return verificationWorld({ verify: { http } });
}

describe('a check', () => {
  test('connects to the address of the Service that its host name stands for, and keeps the public URL', async () => {
    const { world, requests } = worldWith(www, api);
    expect(await runHttpChecks(world)).toEqual([]);
    expect(requests.map(({ url, connectTo }) => `${url} at ${connectTo}`)).toEqual([
      'https://www.example.org/search?q=oslo at 192.0.2.10',
      'http://api.example.org/health at 192.0.2.20',
    ]);
  });

  test('sends the headers it was given, with its own time-out and its own opinion of certificates', async () => {
    const { world, requests } = worldWith({ ...www, headers: { 'x-probe': 'yes' }, insecure: true, timeout: '3s' });
    await runHttpChecks(world);
    expect(requests[0]).toMatchObject({ method: 'GET', headers: { 'x-probe': 'yes' }, insecure: true, timeoutMs: 3_000 });
  });

  test('asks every IPv4 address, since the public may be given any of them', async () => {
    const it = worldWith(www);
    it.services = [balancer('ingress', [{ ip: '192.0.2.10' }, { ip: '192.0.2.11' }, { ip: '2001:db8::1' }])];
    it.site = ({ connectTo }) => (connectTo === '192.0.2.11' ? noAnswer() : {});
    expect(await runHttpChecks(it.world)).toEqual([
      { check: 'GET https://www.example.org/search?q=oslo at 192.0.2.11', reason: 'connection refused', hopeless: false },
    ]);
    expect(it.requests).toHaveLength(2);
  });

  test.each([
    ['IPv6 where there is nothing else', [{ ip: '2001:db8::1' }], '2001:db8::1'],
    ['the host name of a load balancer that has no addresses', [{ hostname: 'LB.elb.example.com' }], 'lb.elb.example.com'],
  ])('goes to %s', async (_, ingress, address) => {
    const it = worldWith(www);
    it.services = [balancer('ingress', ingress)];
    await runHttpChecks(it.world);
    expect(it.requests.map(({ connectTo }) => connectTo)).toEqual([address]);
  });
});

describe('a check fails', () => {
  test.each([
    { on: 'another status', check: www, answer: { status: 503 }, reason: 'answered 503 instead of 200' },
    { on: 'a redirect, without the query of its target', check: www, answer: { status: 302, headers: { location: '/login?ticket=hunter2' } }, reason: 'answered 302 instead of 200, with Location /login' },
    { on: 'a body without the text', check: { ...www, bodyContains: 'Oslo' }, answer: { body: 'Bergen' }, reason: 'the body does not contain “Oslo”' },
    { on: 'a body that does not match', check: { ...www, bodyMatches: '^\\d+ cities$' }, answer: { body: 'no cities' }, reason: 'the body does not match /^\\d+ cities$/' },
    { on: 'a body cut before the text', check: { ...www, bodyContains: 'Oslo' }, answer: { body: 'B', truncated: true }, reason: 'the first 1 MiB of the body does not contain “Oslo”' },
  ])('on $on', async ({ check, answer, reason }) => {
    const it = worldWith(check);
    it.site = () => answer;
    expect(await runHttpChecks(it.world)).toEqual([{ check: `GET ${www.url} at 192.0.2.10`, reason, hopeless: false }]);
  });

  test.each([
    ['no Service of the name', [], 'no Service is named ingress or labelled name=ingress'],
    ['a Service without an address yet', [balancer('ingress', [])], 'Service ingress has no outside address yet'],
  ])('on %s, which may still come', async (_, services, reason) => {
    const it = worldWith(www);
    it.services = services;
    expect(await runHttpChecks(it.world)).toEqual([{ check: `GET ${www.url}`, reason, hopeless: false }]);
    expect(it.requests).toEqual([]);
  });

  test('for good on a host that is no configured name: nobody would know where to connect', async () => {
    const it = worldWith({ url: 'https://other.example.org/' });
    const [failure] = await runHttpChecks(it.world);
    expect(failure).toMatchObject({ hopeless: true, reason: expect.stringContaining('other.example.org is not among the names under `dns`') });
  });

  test('without keeping the others from being asked', async () => {
    const it = worldWith(www, api);
    it.site = ({ url }) => (url.startsWith('https') ? noAnswer() : {});
    expect(await runHttpChecks(it.world)).toHaveLength(1);
    expect(it.requests).toHaveLength(2);
  });

  test('without showing user name and password of its URL', async () => {
    const it = worldWith({ url: 'https://admin:hunter2@www.example.org/' });
    it.site = () => ({ status: 401 });
    expect(JSON.stringify(await runHttpChecks(it.world))).not.toMatch(/hunter2|admin/);
  });
});

describe('asking', () => {
  test('passes when the expected status is not 200, and the body is as wanted', async () => {
    const it = worldWith({ ...www, status: 301 }, { ...api, bodyContains: 'ok', bodyMatches: 'o.' });
    it.site = ({ url }) => (url.startsWith('https') ? { status: 301, headers: { location: '/' } } : { body: 'ok' });
    expect(await runHttpChecks(it.world)).toEqual([]);
  });

  test('is neither passed nor failed while the cluster does not answer', async () => {
    const it = worldWith(www);
    it.listError = noAnswer();
    await expect(runHttpChecks(it.world)).rejects.toMatchObject({ reason: 'unavailable' });
  });

  test('needs the cluster only once for many rounds, and not at all without checks', async () => {
    const it = worldWith(www);
    const { targets } = await findCheckTargets(it.world);
    await runChecks(it.world.drivers.http, targets);
    await runChecks(it.world.drivers.http, targets);
    const empty = worldWith();
    expect(await runHttpChecks(empty.world)).toEqual([]);
    expect([it.lists, it.requests.length, empty.lists]).toEqual([1, 2, 0]);
  });

  test('does not hide a mistake of the program among the failures', async () => {
    const it = worldWith(www);
    it.site = () => new TypeError('undefined is not a function');
    await expect(runHttpChecks(it.world)).rejects.toThrow(TypeError);
  });
});

describe('the host of a check', () => {
  const dns = [
    { zone: 'z', name: 'www.example.org', service: 'www' },
    { zone: 'z', name: '*.example.org', service: 'any' },
    { zone: 'z', name: '*.shop.example.org.', service: 'shop' },
  ];

  test.each([
    ['https://WWW.example.org/', 'www'],
    ['https://www.example.org:8443/', 'www'],
    ['https://a.example.org/', 'any'],
    ['https://a.b.example.org/', 'any'],
    ['https://a.shop.example.org/', 'shop'],
  ])('of %s leads to the Service %s', (url, service) => {
    expect(dnsNameOf(url, dns)?.service).toBe(service);
  });

  test.each(['https://example.org/', 'https://www.example.org.evil.test/', 'https://notexample.org/'])('of %s leads nowhere', (url) => {
    expect(dnsNameOf(url, dns)).toBeUndefined();
  });

  test('can be checked before anything is installed', () => {
    const { verify, dns: names } = environmentWith({ verify: { http: [www, { url: 'http://typo.example.org/' }] } });
    expect(checkHostProblems(verify.http, names)).toEqual(['typo.example.org is not among the names under `dns`: www.example.org, api.example.org']);
  });
});
