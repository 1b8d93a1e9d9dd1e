// Services: somebody to answer, and an address where the public is to come in.

import { describe, expect, test } from 'vitest';
import { having, judge, scene, without } from './scenes.ts';

describe('a Service is ready', () => {
  test.each([
    ['ingress', 'a load balancer with an address'],
    ['dual', 'a load balancer with an IPv4 and an IPv6 address'],
    ['hostname', 'a load balancer with a host name'],
    ['portal', 'a cluster address with ready endpoints'],
    ['database', 'a headless Service with ready endpoints'],
    ['without-selector', 'no selector: somebody else writes its endpoints, or nobody'],
    ['elsewhere', 'an alias for a name outside'],
  ])('as recorded: %s (%s)', (name) => {
    expect(judge(scene('ready'), 'Service', name).state).toBe('ready');
  });

  test('when its endpoints say nothing about readiness: that is to be read as ready', () => {
    const objects = scene('ready').map((object) =>
      object.kind === 'EndpointSlice' && object.metadata.name.startsWith('portal') ? { ...object, endpoints: [{ addresses: ['10.244.0.9'] }] } : object,
    );
    expect(judge(objects, 'Service', 'portal').state).toBe('ready');
  });
});

describe('a Service waits', () => {
  test('for the address of its load balancer', () => {
    expect(judge(scene('services'), 'Service', 'never')).toEqual({ state: 'waiting', reason: 'NoAddress', message: 'its load balancer has no address yet' });
  });

  test.each([{ ingress: [] }, { ingress: [{}] }, { ingress: undefined }])('when the status is there and has no address in it: %o', (loadBalancer) => {
    const objects = having(scene('ready'), 'Service', { name: 'ingress', changes: { status: { loadBalancer } } });
    expect(judge(objects, 'Service', 'ingress').state).toBe('waiting');
  });

  test('for one of its pods to become ready', () => {
    expect(judge(scene('services'), 'Service', 'slow')).toEqual({ state: 'waiting', message: 'the one pod that it selects is not ready' });
  });

  test('while its EndpointSlice is not there: that is not the same as a slice that says ready', () => {
    const objects = without(scene('ready'), 'EndpointSlice', 'portal');
    expect(judge(objects, 'Service', 'portal').state).toBe('waiting');
  });
});

test('a Service that selects no pod at all is undecided: the pod may come, or the selector is misspelt', () => {
  expect(judge(scene('services'), 'Service', 'misspelt')).toEqual({
    state: 'unknown',
    message: 'it selects app=portall, and no pod of the release has these labels',
  });
});
