// A small, complete environment for the simulated production: parsed by the real schema, so that defaults are the real ones.

import { environment, type Environment } from '../src/config/environment.ts';

/** Keys as in the environment file; what is given replaces the defaults here. */
export function loadTestEnvironment(more: Readonly<Record<string, unknown>> = {}): Environment {
  return environment.parse({
    cluster: 'prod-cluster',
    environment: 'prod',
    dns: [
      { zone: 'example-org', name: 'www.example.org.', service: 'ingress' },
      { zone: 'second-org', name: 'search.second.org.', service: 'search-ingress' },
    ],
    release: { chart: { path: '/chart' } },
    ...more,
  });
}
