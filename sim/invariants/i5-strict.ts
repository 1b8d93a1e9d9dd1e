// I5, strict means strict: no name is moved to a new release unless every load job of the run that made it ended well.

import type { ZoneChange } from '../../src/drivers/dns/dns.ts';
import { isRequest, type Invariant } from './scene.ts';

export const strict: Invariant = ({ production: { world, addresses, fitness, commands }, violate }) => {
  world.onTraffic((traffic) => {
    const { request, moment, input } = traffic;
    // Judged as it arrives: then nothing that is seen later can make up for what was missing.
    if (moment !== 'arrives' || !isRequest(request, 'dns', 'change')) return;
    const environment = commands.find(({ process }) => process === request.process)?.environment;
    if (environment?.strictErrorChecking !== true) return;
    const { desired } = input[1] as ZoneChange;
    const releases = new Set(desired.flatMap((set) => set.values.flatMap((value) => addresses.releaseOf(value) ?? [])));
    for (const release of releases) {
      const problem = fitness.served.has(release) ? undefined : fitness.loadProblem(release);
      if (problem !== undefined) violate(`${request.text} leads the public to ${release}, but ${problem}`);
    }
  });
  return undefined;
};
