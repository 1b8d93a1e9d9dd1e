// In which order people are told what is not ready: lists are cut where they are shown.

import { expect, test } from 'vitest';
import { waiting, type Verdict } from '../../src/readiness/verdict.ts';
import { causesFirst } from '../../src/steps/unready.ts';

function verdict(kind: string, name: string): Verdict {
  return { object: { kind, name }, ...waiting('not yet') };
}

test('what others wait for comes first, and Services, which wait for all others, come last', () => {
  const seen = [verdict('Service', 'ingress'), verdict('Deployment', 'portal'), verdict('ReplicaSet', 'portal-1'), verdict('PersistentVolumeClaim', 'data'), verdict('Job', 'migrate'), verdict('Pod', 'portal-1-a')];
  expect(causesFirst(seen).map(({ object }) => object.kind)).toEqual(['Pod', 'Job', 'PersistentVolumeClaim', 'Deployment', 'ReplicaSet', 'Service']);
});

test('objects of one rank stay in the order in which the chart has them', () => {
  const seen = [verdict('StatefulSet', 'database'), verdict('Deployment', 'portal'), verdict('Widget', 'custom')];
  expect(causesFirst(seen)).toEqual(seen);
});
