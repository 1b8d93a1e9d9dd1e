// All that the future of a simulated production depends on, as one hash: where it is the same, the same happens from there on.

import { createHash } from 'node:crypto';
import type { Production } from '../production.ts';

/**
 * To be compared among worlds that began alike, when the last process is dead and nothing of it is on its way any more: what chance has
 * given, when what is due, and all that is stored, served, told and remembered.
 */
export function frozen({ world, commands, named, names }: Production): string {
  const { clock, random, cluster: { inside, behaviours }, dns, harvester, charts, sites, notifications, requests } = world;
  const over = new Set(commands.flatMap(({ process, ended }) => (ended === undefined ? [] : [process])));
  const { objects, version } = inside.store.state();
  const all = [
    [clock.now(), clock.due(), random.state(), named()],
    [version, objects.map(({ object }) => object), inside.addresses.state()],
    [inside.readySince, inside.ailing, inside.evictions, inside.refusedAt, behaviours, sites].map((map) => [...map]),
    [[...dns.contents()], names.map((name) => dns.served(name))],
    [harvester.started, [...charts.keys()], notifications],
    // Those who live on are where they are by what they asked, and when.
    requests.filter(({ process }) => !over.has(process)).map(({ process, at, text }) => [process, at, text]),
  ];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
