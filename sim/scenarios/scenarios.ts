// Every scenario that a seed can choose from, as data. Each is a production that somebody has, and one command.

import type { Intent } from '../../src/session/intend.ts';
import type { Command } from '../boundaries/commands.ts';
import { findSubject, type Subject } from '../boundaries/subjects.ts';
import { chart } from '../production.ts';
import type { SimulatedScenario } from './scenario.ts';

const perform = (intent: Intent): Command => ({ type: 'perform', intent });
const rebuild = perform({ operation: 'rebuild' });
const prune = perform({ operation: 'prune', older: true });

/** Runs for a subject that the exhaustive tests know, too. */
function known(name: string, more: Omit<SimulatedScenario, 'name' | 'subject' | 'operation'> & { readonly operation?: string }): SimulatedScenario {
  const subject = findSubject(name);
  const operation = subject.command.type === 'perform' ? subject.command.intent.operation : subject.command.type;
  return { name, subject, operation, ...more };
}

function rebuilding(name: string, description: string, { subject, ...more }: Partial<Omit<SimulatedScenario, 'subject'>> & { readonly subject: Partial<Subject> }): SimulatedScenario {
  return { name, description, operation: 'rebuild', subject: { name, command: rebuild, before: findSubject('rebuild').before, ...subject } as Subject, ...more };
}

const zone = (id: string, ...lagsMs: readonly number[]) => ({ id: `${id}-org`, origin: `${id}.org.`, lagsMs });
const verify = { http: [{ url: 'http://www.example.org/' }], timeout: '1m' };
const everything = findSubject('rebuild-with-everything');
const password = { secret: { name: 'harvester', key: 'password' } };
const harvest = { name: 'harvest', jobList: { dataConfig: 'http://data.example.org/portal.json', credentials: { username: 'loader', password } }, timeout: '10m' };
const hours = (count: number): number => count * 3_600_000;

const slowPod = { metadata: { labels: { app: 'slow' } }, spec: { containers: [{ name: 'slow', image: 'slow:1' }] } };
const slow = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'slow' }, spec: { replicas: 1, selector: { matchLabels: { app: 'slow' } }, template: slowPod } };
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `extra-${index}` }, data: { index: String(index) } }));

export const scenarios: readonly SimulatedScenario[] = [
  known('first-rebuild', { description: 'the very first release: the names do not exist yet', actors: ['secondRunner', 'operator', 'canceller'] }),
  known('rebuild', { description: 'a release after another; the one before is deleted' }),
  known('rebuild-keeping', { description: 'a release after another; all of them stay' }),
  known('rebuild-installed', { description: 'by a runner in the cluster, with its narrow rights' }),
  known('rebuild-with-everything', { description: 'Jobs, a job list that comes after one of them, checks, a check job and helm test' }),
  known('rebuild-that-fails', { description: 'its data cannot be loaded', outcomes: ['failed'] }),
  known('rebuild-that-is-taken-back', { description: 'it breaks as soon as the public is on it', outcomes: ['succeeded', 'restored'] }),
  known('rehearse', { description: 'a rehearsal, with a candidate of an earlier run that was kept for a look', next: [perform({ operation: 'rehearse' }), rebuild] }),
  known('rollback', { description: 'back to the release before', next: [perform({ operation: 'rollback' }), rebuild] }),
  known('rollback-to', { description: 'back to a release by its name', next: [perform({ operation: 'rollback', to: 'prod-r0001' }), rebuild] }),
  known('prune', { description: 'several old releases and a failed one are cleared away', next: [prune, rebuild], weight: 0.5 }),
  {
    name: 'prune-once',
    description: 'old releases are cleared away by hand, and from now on a rebuild deletes the one before',
    operation: 'prune',
    subject: { ...findSubject('prune'), environment: {}, environmentBefore: findSubject('prune').environment ?? {} },
    weight: 0.5,
  },
  known('adopt', { description: 'a release that the predecessor made is taken over', actors: [], next: [findSubject('adopt').command], outcomes: ['done'], mayBeRefused: true }),
  rebuilding('job-list', 'loaded by the job list of a harvester alone', {
    subject: { environment: { load: [harvest], verify }, scenario: everything.scenario ?? {} },
  }),
  rebuilding('three-zones', 'three names in three zones, whose servers are seconds behind', {
    subject: {
      environment: {
        dns: [
          { zone: 'example-org', name: 'www.example.org.', service: 'ingress' },
          { zone: 'second-org', name: 'search.second.org.', service: 'search-ingress' },
          { zone: 'third-org', name: 'maps.third.org.', service: 'search-ingress', ttl: 20 },
        ],
      },
      scenario: { zones: [zone('example', 0, 1_000), zone('second', 0, 4_000, 9_000), zone('third', 500)] },
    },
  }),
  rebuilding('not-strict', 'a load job fails, and strictErrorChecking is off', { subject: { environment: { strictErrorChecking: false }, arrange: findSubject('rebuild-that-fails').arrange } as Partial<Subject> }),
  rebuilding('keep-on-failure', 'it never becomes ready, and is kept for a look', {
    subject: {
      environment: { release: { chart: { path: '/chart' }, onFailure: 'keep' } },
      arrange: ({ world }) => void world.cluster.behaviours.set('Deployment/web', { outcome: 'crashLoop' }),
    },
    outcomes: ['failed'],
  }),
  rebuilding('two-addresses', 'load balancers with IPv4 and IPv6', { subject: { scenario: { cluster: { behaviours: { 'Service/ingress': { dualStack: true }, 'Service/search': { dualStack: true } } } } } }),
  rebuilding('two-days', 'a load that takes 47 hours', {
    subject: {
      environment: { load: [{ name: 'base', job: { fromJob: 'loader' }, timeout: '48h' }], verify },
      arrange: ({ world }) => void world.cluster.behaviours.set('Job/loader', { afterMs: hours(47) }),
    },
    spanMs: hours(48),
    // Tens of thousands of renewals each.
    weight: 0.05,
  }),
  rebuilding('slow-chart', 'a chart of forty objects, one of which takes minutes', {
    subject: {
      scenario: { charts: { '/chart': { ...chart, objects: [...chart.objects, slow, ...many(36)] } } },
      arrange: ({ world }) => void world.cluster.behaviours.set('Deployment/slow', { afterMs: 180_000 }),
    },
    spanMs: 400_000,
  }),
];

export function findScenario(name: string): SimulatedScenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
