// I1, the public always has an answer: every name, on every server, leads to one release that answers, loaded and verified; and so
// does every answer that a resolver may still hold.

import { obeying, watchClients } from '../clients.ts';
import type { Invariant } from './scene.ts';

export const publicAnswers: Invariant = ({ production: { world, observer, names, addresses, others }, violate }) => {
  const tell = ({ name, server, problem }: (typeof observer.violations)[number]): void => violate(`${name} at ${server}: ${problem}`);
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
