// Planted bugs of the public names: looking, changing, waiting for those who hold old answers. Data only.

import { at, type Plant } from './plant.ts';

export const namesPlants: readonly Plant[] = [
  {
    name: 'an empty load-balancer status is read as “remove the record”',
    source: 'external-dns#2677',
    edits: [{ file: 'steps/zones.ts', find: 'if (!hasAddress(addresses)) throw swapFailure(', replace: 'if (addresses === undefined) throw swapFailure(' }],
    trial: { subject: 'rebuild', scene: 'lostAddress' },
    caughtBy: 'I7',
  },
  {
    name: 'the names move one after another',
    source: 'the predecessor: a sleep of the TTL between each',
    edits: [{ file: 'steps/zones.ts', find: 'await together(needed.map((look) => changeZone(look, release, context)));', replace: 'for (const look of needed) { await changeZone(look, release, context); await context.clock.sleep(20000); }' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I1',
  },
  {
    name: 'each name of a zone is changed by itself',
    edits: [{ file: 'steps/zones.ts', find: 'Map.groupBy(targets, ({ zone }) => zone.id)', replace: 'Map.groupBy(targets, ({ zone, name }) => `${zone.id} ${name}`)' }],
    trial: { subject: 'rebuild', scene: 'twoNames' },
    caughtBy: 'I1',
  },
  {
    name: 'a zone is overwritten as it is found, whoever changed it',
    source: 'external-dns: UPSERT is no compare-and-swap',
    edits: [
      {
        file: 'steps/zones.ts',
        find: 'const expected = [...held, ...owners.flatMap(({ set }) => set ?? [])];',
        replace:
          'const { dns } = context.world.drivers; const mine = context.world.environment.dns.filter(({ zone }) => zone === first.zone.id); const expected = [...(await Promise.all(mine.map(({ name }) => dns.read(first.zone, name)))).flat(), ...(await readOwners(mine.map(({ name }) => ({ zone: first.zone, name })), context)).flatMap(({ set }) => set ?? [])];',
      },
    ],
    trial: { subject: 'rebuild', scene: 'thirdParty' },
    caughtBy: 'I8',
  },
  {
    name: 'a change is done when it is sent, not when it is served',
    edits: [{ file: 'steps/swapNames.ts', find: '    await awaitServed(targets, context);\n    await markMoved(context);', replace: '    await markMoved(context);' }],
    trial: { subject: 'rebuild', scene: 'lateServer' },
    caughtBy: 'L1',
  },
  {
    name: 'only the first server of a zone is asked',
    edits: [
      { file: 'steps/zones.ts', find: '    zone.servers.map(async (server) => {\n      try {\n        const served', replace: '    zone.servers.slice(0, 1).map(async (server) => {\n      try {\n        const served' },
      { file: 'steps/deletion.ts', find: 'zone.servers.map(', replace: 'zone.servers.slice(0, 1).map(' },
    ],
    trial: { subject: 'rebuild', scene: 'lateServer' },
    caughtBy: 'I3',
  },
  {
    name: 'the old release goes at once',
    source: 'measured: every third request of clients that honour the TTL failed',
    edits: [{ file: 'steps/drainPrevious.ts', find: 'if (leftMs <= 0) return;', replace: 'if (leftMs !== undefined) return;' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I3',
  },
  {
    name: 'the TTL of the old answers is not counted',
    edits: [{ file: 'steps/swapNames.ts', find: 'return Math.max(0, ...sets.map(({ ttl }) => ttl));', replace: 'return 0 * sets.length;' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I3',
  },
  {
    name: 'on the way back nobody waits for those who hold the new answers',
    edits: [{ file: 'steps/swapNames.ts', find: 'if (seen) await outlastNewAnswers(moved, { ...context, late });', replace: '' }],
    trial: { subject: 'rebuild-that-is-taken-back' },
    caughtBy: 'I3',
  },
  {
    name: 'the names are not taken back',
    edits: [{ file: 'steps/swapNames.ts', find: '    if (noted === undefined) return;\n    const context = patient(hurried);\n    const moved', replace: '    if (noted !== null) return;\n    const context = patient(hurried);\n    const moved' }],
    trial: { subject: 'rebuild-that-is-taken-back' },
    caughtBy: 'L1',
  },
  {
    name: 'nothing tells which release is live and which was',
    edits: [{ file: 'steps/swapNames.ts', find: '    await markMoved(context);\n', replace: '' }],
    trial: { subject: 'rebuild-keeping' },
    caughtBy: 'I6',
  },
  {
    name: 'names that lead elsewhere are taken without a word',
    edits: [{ file: 'plan/guards.ts', find: 'if (swap.replaceForeign) return [];', replace: 'if (swap !== undefined) return [];' }],
    trial: { subject: 'first-rebuild', scene: 'foreignNames' },
    caughtBy: 'I8',
  },
  {
    name: 'two releases stop every later run',
    source: 'the predecessor',
    edits: [{ file: 'plan/guards.ts', find: 'if (!live.split) return [];', replace: 'if (releases.length < 2) return [];' }],
    trial: { subject: 'rebuild-keeping' },
    caughtBy: 'L1',
  },
  {
    name: 'what may not be read is taken for empty',
    source: 'external-dns: 403 read as none',
    edits: [{ file: 'observe/observe.ts', find: 'if (release.deleting) return [];', replace: 'if (release !== undefined) return [];' }],
    trial: { subject: 'rebuild', strikes: [{ ...at('cluster.list services prod-r0001', 'errorBefore'), refused: 'forbidden' }], scene: 'replaceForeign' },
    caughtBy: 'I6',
  },
  {
    name: 'half a list is taken for the whole',
    edits: [{ file: 'observe/observe.ts', find: 'return namespaces.items.map(', replace: 'return namespaces.items.slice(0, 1).map(' }],
    trial: { subject: 'rollback' },
    caughtBy: 'L1',
  },
  {
    name: 'nothing in the zone tells a late change from a right one',
    edits: [{ file: 'steps/owners.ts', find: 'if (!environment.swap.ownerRecords) return [];', replace: 'if (environment !== undefined) return [];' }],
    trial: { subject: 'rebuild-keeping', strikes: [at('dns.change', { fault: 'stopBefore', ms: 150_000 })], scene: 'rollbackMeanwhile' },
    caughtBy: 'I2',
  },
];
