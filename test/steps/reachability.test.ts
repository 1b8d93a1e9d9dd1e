// How the Services behind the public names are asked whether they answer.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { DriverError, type FailureReason } from '../../src/drivers/failure.ts';
import type { Http, HttpRequest, HttpResponse } from '../../src/drivers/http/http.ts';
import { Failure } from '../../src/errors.ts';
import { publicServices, unanswered } from '../../src/steps/reachability.ts';

const answer: HttpResponse = { status: 503, headers: {}, body: '', truncated: false, durationMs: 1 };

function balancer(name: string, options: { readonly ingress?: readonly object[]; readonly ports?: readonly object[] } = {}): KubernetesObject {
  const { ingress = [{ ip: '192.0.2.10' }], ports = [{ port: 80 }] } = options;
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'LoadBalancer', ports }, status: { loadBalancer: { ingress } } };
}

async function asked(services: readonly KubernetesObject[], names: readonly string[] = ['www.example.org.']) {
  const requests: HttpRequest[] = [];
  const http: Http = { request: async (request) => (requests.push(request), answer) };
  const wanted = names.map((name, index) => ({ zone: 'example-org', name, service: services[index]?.metadata.name ?? 'ingress' }));
  const silent = await unanswered(publicServices(services, wanted).found, http);
  return { silent, asked: requests.map(({ method, url, connectTo }) => `${method} ${url} at ${connectTo}`), requests };
}

describe('a Service is asked', () => {
  test.each<[string, KubernetesObject, readonly string[]]>([
    ['at its address, with the public name as host', balancer('ingress'), ['GET http://www.example.org/ at 192.0.2.10']],
    ['at each of its IPv4 addresses', balancer('ingress', { ingress: [{ ip: '192.0.2.11' }, { ip: '192.0.2.10' }] }), ['GET http://www.example.org/ at 192.0.2.10', 'GET http://www.example.org/ at 192.0.2.11']],
    ['at its host name', balancer('ingress', { ingress: [{ hostname: 'lb.example.com' }] }), ['GET http://www.example.org/ at lb.example.com']],
    ['over IPv4 alone where it has both: the runner may have no IPv6', balancer('ingress', { ingress: [{ ip: '2001:db8::1' }, { ip: '192.0.2.10' }] }), ['GET http://www.example.org/ at 192.0.2.10']],
    ['over IPv6 where it has nothing else', balancer('ingress', { ingress: [{ ip: '2001:db8::1' }] }), ['GET http://www.example.org/ at 2001:db8::1']],
    ['over https where it has no plain port', balancer('ingress', { ports: [{ port: 443 }] }), ['GET https://www.example.org/ at 192.0.2.10']],
    ['on port 80 where it has several', balancer('ingress', { ports: [{ port: 443 }, { port: 80 }] }), ['GET http://www.example.org/ at 192.0.2.10']],
    ['on the port that it has', balancer('ingress', { ports: [{ port: 53, protocol: 'UDP' }, { port: 8443, name: 'https' }] }), ['GET https://www.example.org:8443/ at 192.0.2.10']],
  ])('%s', async (_, service, expected) => {
    expect((await asked([service])).asked).toEqual(expected);
  });

  test('on the port that the checks of its name will ask, which may be the only one that a policy lets through', async () => {
    const service = balancer('ingress', { ports: [{ port: 80 }, { port: 443 }] });
    const { found } = publicServices([service], [{ zone: 'example-org', name: 'www.example.org.', service: 'ingress' }]);
    const urls: string[] = [];
    const http: Http = { request: async ({ url }) => (urls.push(url), answer) };
    await unanswered(found, http, [{ url: 'https://www.example.org/' }]);
    await unanswered(found, http, [{ url: 'https://other.example.org/' }]);
    await unanswered(found, http, [{ url: 'https://www.example.org:8443/' }]);
    expect(urls).toEqual(['https://www.example.org/', 'http://www.example.org/', 'http://www.example.org/']);
  });

  test('only if a public name stands for it: another one may be internal, or speak no TCP', async () => {
    const internal = balancer('database', { ingress: [{ ip: '10.0.0.5' }], ports: [{ port: 5432 }] });
    const names = balancer('names', { ingress: [{ ip: '192.0.2.53' }], ports: [{ port: 53, protocol: 'UDP' }] });
    expect(await asked([balancer('ingress'), internal, names])).toMatchObject({ silent: [], asked: ['GET http://www.example.org/ at 192.0.2.10'] });
  });

  test('once, when two names stand for it', async () => {
    const service = balancer('ingress');
    expect((await asked([service, service], ['www.example.org.', 'api.example.org.'])).asked).toHaveLength(1);
  });

  test('under some name, when the public one is a wildcard', async () => {
    expect((await asked([balancer('ingress')], ['*.example.org'])).asked).toEqual(['GET http://any.example.org/ at 192.0.2.10']);
  });

  test('with a bound, and without caring whose certificate it shows: that is verified later', async () => {
    const { requests } = await asked([balancer('ingress')]);
    expect(requests[0]).toMatchObject({ timeoutMs: 2_000, insecure: true });
  });
});

describe('an answer', () => {
  const refusing = (reason: FailureReason): Http => ({ request: async () => Promise.reject(new DriverError({ reason, attempted: 'GET http://www.example.org/', detail: 'connection refused' })) });
  const { found } = publicServices([balancer('ingress')], [{ zone: 'example-org', name: 'www.example.org', service: 'ingress' }]);

  test('is any HTTP status: 503 is for verification to mind', async () => {
    expect((await asked([balancer('ingress')])).silent).toEqual([]);
  });

  test('is also something that is not HTTP: somebody is there', async () => {
    expect(await unanswered(found, refusing('unreadable'))).toEqual([]);
  });

  test.each<FailureReason>(['unavailable', 'timeout', 'forbidden', 'invalid'])('is not an error of kind %s, and that is told', async (reason) => {
    expect(await unanswered(found, refusing(reason))).toEqual(['Service ingress: 192.0.2.10 port 80 does not answer yet (connection refused)']);
  });

  test('is not a fault of this program, which is not taken for silence', async () => {
    const broken: Http = { request: async () => Promise.reject(new TypeError('undefined is not a function')) };
    await expect(unanswered(found, broken)).rejects.toThrow(TypeError);
  });
});

describe('a public name', () => {
  const www = [{ zone: 'example-org', name: 'www.example.org', service: 'ingress' }];

  test('whose Service has no address yet is awaited', () => {
    expect(publicServices([balancer('ingress', { ingress: [] })], www)).toEqual({ found: [], awaited: ['Service ingress: its load balancer has no address yet'] });
  });

  test('whose Service is not there yet is awaited', () => {
    expect(publicServices([], www).awaited).toEqual(['www.example.org: no Service is named ingress or labelled name=ingress']);
  });

  test.each(['ClusterIP', 'NodePort', 'ExternalName', undefined])('whose Service is of type %s will never have one', (type) => {
    const service = { ...balancer('ingress'), spec: { type } };
    expect(() => publicServices([service], www)).toThrow(Failure);
  });
});
