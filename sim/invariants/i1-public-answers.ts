// I1, the public always has an answer: every name, on every server, leads to one release that answers, loaded and verified; and so
// does every answer that a resolver may still hold.

import { obeying, watchClients } from '../clients.ts';
import { planOf, type Invariant, type Scene } from './scene.ts';

export const publicAnswers: Invariant = (scene) => {
  const { production: { world, observer, names, addresses, others }, violate } = scene;
  const tell = ({ name, server, problem }: (typeof observer.violations)[number]): void => {
    if (problem !== 'there is no such name' || !isTakenBack(name, scene)) violate(`${name} at ${server}: ${problem}`);
  };
  observer.violations.forEach(tell);
  observer.onViolation(tell);
  watchClients(world, {
    names,
    addresses,
    clients: [obeying],
    isExcused: (name, value) => others.hasEdited(name) || others.hasDisturbed(addresses.releaseOf(value) ?? ''),
    onTrouble: ({ client, name, problem }) => violate(`${client} asked for ${name} in time: ${problem}`),
  });
  return () => observer.look();
};

/** A first rebuild that fails after its swap leaves the names as it found them: there were none. */
function isTakenBack(name: string, { records }: Scene): boolean {
  return records.all().some((record) => record.failure !== undefined && planOf(record)?.names.some((planned) => planned.name === name && planned.before.length === 0) === true);
}
