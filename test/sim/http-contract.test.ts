// HTTP into the simulated cluster keeps the contract of HTTP: what the program hears is what a server of that kind answers.

import { simulatedHttp, type Page } from '../../sim/http.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import type { HttpRequest } from '../../src/drivers/http/http.ts';
import { largeBodyBytes } from '../contracts/echo-server.ts';
import { httpContract } from '../contracts/http.ts';
import { deployment, service } from '../support/objects.ts';
import { testCluster } from './cluster.ts';

httpContract('HTTP into the simulated cluster', async () => {
  const { cluster, clock } = await testCluster();
  for (const name of ['echo', 'dead']) await cluster.create(kinds.service, service(name, { namespace: 'here', type: 'ClusterIP' }));
  await cluster.create(kinds.deployment, deployment('echo', { namespace: 'here' }));
  await clock.sleep(10_000);
  return {
    http: simulatedHttp({ inside: cluster.inside, application: echo }),
    origin: 'http://echo.here.svc.cluster.local',
    deadOrigin: 'http://dead.here.svc.cluster.local',
    end: async () => undefined,
  };
});

/** The echo server's behaviours, told as pages. */
function echo(request: HttpRequest): Page {
  const { pathname, search } = new URL(request.url);
  const [, first = '', second = ''] = pathname.split('/');
  const pages: Readonly<Record<string, Page>> = {
    echo: { body: JSON.stringify({ method: request.method, url: `${pathname}${search}`, headers: request.headers, body: request.body ?? '' }) },
    status: { status: Number(second) },
    redirect: { status: 302, headers: { Location: '/echo' } },
    pieces: { body: 'one two größe', takesMs: 40 },
    large: { body: 'x'.repeat(largeBodyBytes) },
    silent: { takesMs: Infinity },
    stuck: { body: 'half', takesMs: Infinity },
    cut: { body: 'half', cut: true },
  };
  return pages[first] ?? { status: 404 };
}
