// An environment whose data a harvester loads, and a chart that has what it takes: for tests of whole runs.

import { chart } from '../../sim/production.ts';
import type { Scenario } from '../../sim/world.ts';
import { object } from '../support/objects.ts';

const base = 'http://ingress.{namespace}.svc.cluster.local/harvester/api/1';
const dataConfig = 'https://data.example.org/data.json';
const credentials = { username: 'loader', password: { secret: { name: 'harvester', key: 'password' } } };
const password = object('v1 Secret', 'harvester', { data: { password: Buffer.from('secret').toString('base64') } });

/** Sections of the environment. */
export const harvested = { load: [{ name: 'cities', jobList: { base, dataConfig, credentials } }] };

export const withHarvester: Scenario = {
  charts: { '/chart': { ...chart, objects: [...chart.objects, password] } },
  pages: { [dataConfig]: { body: JSON.stringify({ jobConfigurations: [{ description: 'towns' }] }) } },
};
