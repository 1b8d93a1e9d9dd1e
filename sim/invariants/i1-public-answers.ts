// I1, the public always has an answer: every name, on every server, leads to one release that answers, loaded and verified; and so
// does every answer that a client may still hold that a drain waits for. Those who hold it for longer are counted.
// And all names move at once.

import { ignoring, keepingAlive, lingering, obeying, stretching, watchClients } from '../clients.ts';
import { watchMoves } from './moves.ts';
import { planOf, type Invariant, type Scene } from './scene.ts';

/** Nothing is promised to them but what a soak gives them by chance. */
const unpromised = [stretching(3), keepingAlive(300_000), ignoring(900_000)];

export const publicAnswers: Invariant = (scene) => {
  const { production: { world, observer, names, addresses, others, commands }, violate, letDown } = scene;
  const drained = lingering(() => commands.at(-1)?.environment.drain.soak ?? 0);
  const isPromised = (client: string, value: string): boolean => client === obeying.name || (client === drained.name && !isUnwound(addresses.releaseOf(value), scene));
  const tell = ({ name, server, problem }: (typeof observer.violations)[number]): void => {
    if (problem !== 'there is no such name' || !isTakenBack(name, scene)) violate(`${name} at ${server}: ${problem}`);
  };
  watchMoves(scene);
  observer.violations.forEach(tell);
  observer.onViolation(tell);
  watchClients(world, {
    names,
    addresses,
    clients: [obeying, drained, ...unpromised],
    isExcused: (name, value) => others.hasEdited(name) || others.hasDisturbed(addresses.releaseOf(value) ?? ''),
    onTrouble: ({ client, name, value, problem }) => {
      if (isPromised(client, value)) violate(`${client} asked for ${name} in time: ${problem}`);
      else letDown(client);
    },
  });
  return () => observer.look();
};

/** A first rebuild that fails after its swap leaves the names as it found them: there were none. */
function isTakenBack(name: string, { records }: Scene): boolean {
  return records.all().some((record) => record.failure !== undefined && planOf(record)?.names.some((planned) => planned.name === name && planned.before.length === 0) === true);
}

/** What is taken back is not drained: it stays until the last answer has expired, and has no soak. */
function isUnwound(release: string | undefined, { records }: Scene): boolean {
  return records.all().some((record) => {
    const planned = planOf(record);
    return record.outcome !== 'succeeded' && planned?.createsCandidate === true && planned.candidate === release;
  });
}
