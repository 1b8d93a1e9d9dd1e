// Which Service a public name stands for, and what the name must answer to lead there.

import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { findService, hasAddress, serviceAddresses } from '../../src/steps/services.ts';

function service(name: string, parts: { labels?: Record<string, string>; ingress?: readonly object[] } = {}): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: parts.labels ?? {} },
    spec: { type: 'LoadBalancer' },
    status: { loadBalancer: parts.ingress === undefined ? {} : { ingress: parts.ingress } },
  };
}

describe('dns[].service', () => {
  test('is the name of a Service', () => {
    expect(findService([service('portal'), service('ingress')], 'ingress').service?.metadata.name).toBe('ingress');
  });

  test('is, failing that, the value of its label `name`, as classically', () => {
    const labelled = service('prod-ingress-lb', { labels: { name: 'ingress' } });
    expect(findService([service('portal'), labelled], 'ingress').service).toBe(labelled);
  });

  test('means the Service of that name even where another one is labelled so', () => {
    const found = findService([service('other', { labels: { name: 'ingress' } }), service('ingress')], 'ingress');
    expect(found.service?.metadata.name).toBe('ingress');
  });

  test('is refused when two Services are labelled so, and both are named', () => {
    const both = [service('b', { labels: { name: 'ingress' } }), service('a', { labels: { name: 'ingress' } })];
    expect(findService(both, 'ingress').problem).toBe('several Services are labelled name=ingress: a, b');
  });

  test('is refused when there is no such Service; a name that only begins alike is not it', () => {
    expect(findService([service('ingress-2')], 'ingress').problem).toBe('no Service is named ingress or labelled name=ingress');
  });

  test('is never an object of another kind with that name', () => {
    const deployment = { ...service('ingress'), kind: 'Deployment' };
    expect(findService([deployment], 'ingress').service).toBeUndefined();
  });
});

describe('the addresses of a Service', () => {
  const addresses = (...ingress: readonly object[]) => serviceAddresses(service('ingress', { ingress }));

  test('go to A and AAAA by their family, sorted, whatever order the cloud reports', () => {
    expect(addresses({ ip: '203.0.113.9' }, { ip: '2001:db8::7' }, { ip: '203.0.113.10' })).toEqual({
      A: ['203.0.113.10', '203.0.113.9'],
      AAAA: ['2001:db8::7'],
    });
  });

  test('are a CNAME with the trailing dot where the load balancer has a host name', () => {
    expect(addresses({ hostname: 'LB-1.elb.example.com' })).toEqual({ A: [], AAAA: [], CNAME: 'lb-1.elb.example.com.' });
    expect(addresses({ hostname: 'lb-1.elb.example.com.' }).CNAME).toBe('lb-1.elb.example.com.');
  });

  test('are never a CNAME beside addresses, which DNS forbids', () => {
    expect(addresses({ ip: '203.0.113.9', hostname: 'lb.example.com' })).toEqual({ A: ['203.0.113.9'], AAAA: [] });
  });

  test.each([
    ['no status', service('ingress')],
    ['an empty list', service('ingress', { ingress: [] })],
    ['an empty entry', service('ingress', { ingress: [{}] })],
  ])('are not there yet with %s', (_, without) => {
    expect(hasAddress(serviceAddresses(without))).toBe(false);
  });

  test('are there with any one of the three', () => {
    for (const entry of [{ ip: '203.0.113.9' }, { ip: '2001:db8::7' }, { hostname: 'lb.example.com' }]) {
      expect(hasAddress(addresses(entry))).toBe(true);
    }
  });
});
