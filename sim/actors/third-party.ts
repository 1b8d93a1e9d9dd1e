// Somebody else with a key to the zone: gives a name another address, and perhaps takes it back. Knows nothing of changeover.

import type { RecordSet } from '../../src/drivers/dns/dns.ts';
import { pick, type Actor } from './play.ts';

export const thirdParty: Actor = ({ stage: { production, environment }, random, spanMs, note, sometime }) => {
  const { world, others } = production;
  const entry = pick(random, environment.dns);
  const staysForGood = random.next() < 0.3;
  const backAfterMs = random.between(1, Math.floor(spanMs / 3));
  if (entry === undefined) return;
  const write = (sets: readonly RecordSet[], why: string): void => {
    note(`somebody else ${why} ${entry.name}: ${sets.map(({ values }) => values.join(', ')).join('; ') || 'nothing'}`);
    world.dns.edit(entry.zone, entry.name, sets);
  };
  sometime(() => {
    const before = world.dns.held(entry.name);
    const foreign: RecordSet = { name: entry.name, type: 'A', ttl: 60, values: [`203.0.113.${random.between(1, 250)}`] };
    others.noteEdit(entry.name, [foreign]);
    write([foreign], 'changes');
    if (staysForGood) return;
    world.clock.after(backAfterMs, () => {
      if (others.wrote(entry.name, world.dns.held(entry.name))) write(before, 'takes back');
    });
  });
};
