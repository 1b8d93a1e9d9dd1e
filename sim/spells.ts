// What lasts: an outside system that is away for a while, a name server that is silent, pods that take long, a request to stop.

import { Failure } from '../src/errors.ts';
import { pick, type Play } from './actors/play.ts';
import type { Mix } from './mix.ts';
import type { Faults } from './requests.ts';

export interface Spells {
  readonly faults: Faults;
  /** Of the command that is started next: aborts as on SIGTERM, if at all. */
  stop(): AbortSignal;
  /** Everything is there again. */
  end(): void;
}

const longestAwayMs = 20_000;

export function cast(play: Play, { kinds }: Mix): Spells {
  const { stage: { production: { world, names } }, random, note, sometime, met } = play;
  const away = new Set<string>();
  const ends: (() => void)[] = [];

  const spell = (what: string, begin: () => void, end: () => void): void => {
    const forMs = random.between(200, longestAwayMs);
    sometime(() => {
      note(what);
      begin();
      world.clock.after(forMs, end);
    });
    ends.push(end);
  };

  const driver = pick(random, ['cluster', 'dns', 'resolver', 'http', 'helm']) ?? 'cluster';
  if (kinds.includes('outage')) spell(`${driver} is away`, () => away.add(driver), () => away.delete(driver));
  const server = pick(random, names.flatMap((name) => world.dns.served(name)))?.server.name;
  if (kinds.includes('silence') && server !== undefined) spell(`${server} is silent`, () => world.dns.silence(server), () => world.dns.silence(server, { silent: false }));
  const afterMs = random.between(5_000, 90_000);
  if (kinds.includes('slow') && !world.cluster.behaviours.has('Deployment/web')) {
    world.cluster.behaviours.set('Deployment/web', { afterMs });
    met('slow controllers');
    ends.push(() => world.cluster.behaviours.delete('Deployment/web'));
  }
  return {
    faults: ({ driver: asked }) => (away.has(asked) ? 'errorBefore' : undefined),
    stop: () => {
      const stop = new AbortController();
      if (!kinds.includes('terminate')) return stop.signal;
      sometime(() => {
        note('the process is asked to stop (SIGTERM)');
        stop.abort(new Failure('Interrupted', { summary: 'it was asked to stop (SIGTERM)', exitCode: 143 }));
      });
      return stop.signal;
    },
    end: () => {
      for (const end of ends) end();
    },
  };
}
