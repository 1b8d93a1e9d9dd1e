// The Job that is started by hand: what it takes over from the CronJob, and what not.

import { expect, it } from 'vitest';
import { manualJob, manualJobName } from '../../src/plan/manual-job.ts';
import { jobOfHolder } from '../../src/session/jobs.ts';
import type { Job } from '../../src/readiness/shapes.ts';

const container = { name: 'changeover', image: 'changeover:1', args: ['rebuild', '-f', '/etc/changeover/environment.yaml', '--scheduled'], env: [{ name: 'A', value: 'b' }] };
const sidecar = { name: 'proxy', image: 'proxy:1' };
const jobTemplate = {
  metadata: { labels: { 'changeover.dev/environment': 'prod' }, annotations: { note: 'kept' } },
  spec: { backoffLimit: 6, template: { metadata: { labels: { app: 'x' } }, spec: { serviceAccountName: 'changeover-prod', containers: [container, sidecar] } } },
};
const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'changeover-prod', namespace: 'runners', uid: 'u-1', resourceVersion: '7' }, spec: { schedule: '0 3 * * *', suspend: true, jobTemplate } };

it('is the CronJob’s, word for word', () => {
  expect(manualJob(cronJob, 'changeover-prod-manual-x7k2p')).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'changeover-prod-manual-x7k2p',
      namespace: 'runners',
      labels: { 'changeover.dev/environment': 'prod' },
      annotations: { note: 'kept', 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'changeover-prod', uid: 'u-1', controller: true }],
    },
    spec: {
      backoffLimit: 6,
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { serviceAccountName: 'changeover-prod', containers: [container, sidecar] },
      },
    },
  });
});

it('has a name within the 63 characters of a Job, however long the environment’s is', () => {
  for (const environment of ['prod', 'a-very-long-name-of-an-environment', 'x'.repeat(63)]) expect(manualJobName(environment, 'x7k2p')).toMatch(/^changeover-[-a-z0-9]{1,52}$/);
});

const named = (name: string): Job => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name } });

it('is found by the pod that held the lock, and by no other with a like name', () => {
  const jobs = [named('changeover-prod-1'), named('changeover-prod-manual-x7k2p'), named('changeover-prod-manual')];
  expect(jobOfHolder('changeover-prod-manual-x7k2p-9bwlq/1', jobs)?.metadata.name).toBe('changeover-prod-manual-x7k2p');
  expect(jobOfHolder('changeover-prod-manual-9bwlq/1', jobs)?.metadata.name).toBe('changeover-prod-manual');
  expect(jobOfHolder('changeover-prod-2-9bwlq/1', jobs)).toBeUndefined();
  expect(jobOfHolder('laptop/4711', jobs)).toBeUndefined();
});

it('is found too where its pods’ names had to be cut', () => {
  const long = `changeover-${'x'.repeat(50)}`;
  expect(jobOfHolder(`${`${long}-`.slice(0, 58)}9bwlq/1`, [named(long)])?.metadata.name).toBe(long);
});
