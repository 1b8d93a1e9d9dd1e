// Planted bugs of the engine, the records and the lock. Data only.

import { at, type Plant } from './plant.ts';

const paused = { fault: 'stopAfter', ms: 300_000 } as const;

export const runPlants: readonly Plant[] = [
  {
    name: 'a step is done in the record before it has happened',
    source: 'datahub#18598',
    edits: [{ file: 'run/engine.ts', find: 'const output = await step.act(', replace: 'await journal.complete(stepName, undefined); const output = await step.act(' }],
    trial: { subject: 'rebuild', strikes: [at('cluster.create jobs', 'kill')] },
    caughtBy: 'L1',
  },
  {
    name: 'what is about to be changed is noted after the change',
    edits: [
      { file: 'steps/swapNames.ts', find: 'await context.note(intent(looks));', replace: '' },
      { file: 'steps/swapNames.ts', find: 'await changeZones(looks, context.world.plan.candidate, context);', replace: 'await changeZones(looks, context.world.plan.candidate, context); await context.note(intent(looks));' },
    ],
    trial: { subject: 'rebuild', strikes: [at('dns.change', 'killAfter')], next: 'fresh' },
    caughtBy: 'L1',
  },
  {
    name: 'a killed run is never finished',
    source: 'the predecessor: a killed run could not be resumed',
    edits: [{ file: 'run/record.ts', find: "return record.outcome === 'running' || record.outcome === 'interrupted';", replace: "return record.outcome === 'interrupted';" }],
    trial: { subject: 'rebuild', strikes: [at('cluster.create jobs', 'killAfter')] },
    caughtBy: 'L1',
  },
  {
    name: 'a way back that was begun is forgotten',
    edits: [{ file: 'run/engine.ts', find: 'if (earlier !== undefined) return await unwind(options, recorded(earlier));', replace: '' }],
    trial: { subject: 'rebuild-that-is-taken-back', strikes: [at('dns.change', 'killAfter', 3)] },
    caughtBy: 'I2',
  },
  {
    name: 'the second step that must be undone is left out',
    edits: [{ file: 'run/engine.ts', find: "state === 'skipped' || state === 'undone' || step.undo === undefined) continue;", replace: "state === 'skipped' || state === 'undone' || state === 'done' || step.undo === undefined) continue;" }],
    trial: { subject: 'rebuild-that-fails' },
    caughtBy: 'I6',
  },
  {
    name: 'the record is written over whatever is there',
    edits: [{ file: 'run/journal.ts', find: 'return await store.replace(wanted.id, wanted.body, wanted.version);', replace: 'return await store.replace(wanted.id, wanted.body, (await store.read(wanted.id))?.version ?? wanted.version);' }],
    trial: { subject: 'rebuild', strikes: [at('cluster.replace configmaps', paused, 6)], scene: 'suspended' },
    caughtBy: 'I2',
  },
  {
    name: 'a lease without an epoch',
    source: 'cilium#42920',
    edits: [{ file: 'run/lease-keeper.ts', find: 'epoch: Math.max(epoch, above) + 1,', replace: 'epoch,' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I2',
  },
  {
    name: 'the lock is taken from a runner that lives',
    edits: [{ file: 'run/lease-keeper.ts', find: 'let leftMs = seen.lease.durationMs;', replace: 'let leftMs = 0;' }],
    trial: { subject: 'rebuild', strikes: [at('cluster.create jobs', { fault: 'slow', ms: 10 })], scene: 'doubleStart' },
    caughtBy: 'I2',
  },
  {
    name: 'nobody asks for the lock before a write',
    edits: [{ file: 'drivers/fence.ts', find: '        assertHeld();\n', replace: '' }],
    trial: { subject: 'rollback', strikes: [at('resolver.query', paused)], scene: 'rebuildMeanwhile' },
    caughtBy: 'I2',
  },
  {
    name: 'the lock is not given back',
    edits: [{ file: 'session/lock.ts', find: 'await lease.release();', replace: '' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I6',
  },
  {
    name: 'the lock that a human has put on is not looked at',
    edits: [{ file: 'session/lock.ts', find: '  if (lock === undefined) return;\n  throw new Failure', replace: '  if (lock !== null) return;\n  throw new Failure' }],
    trial: { subject: 'lock', strikes: [at('cluster', { fault: 'slow', ms: 10 })], next: 'fresh', scene: 'locked' },
    caughtBy: 'I2',
  },
  {
    name: 'to cancel one run cancels every later one',
    edits: [
      { file: 'run/held-lease.ts', find: 'this.#cancels.get(run)', replace: "this.#cancels.get('any')" },
      { file: 'run/held-lease.ts', find: 'this.#cancels.set(run, found)', replace: "this.#cancels.set('any', found)" },
    ],
    trial: { subject: 'rebuild', scene: 'cancelledOnce' },
    caughtBy: 'L1',
  },
  {
    name: 'a wait without a bound',
    source: 'the predecessor: a loop that spun without a time-out',
    edits: [{ file: 'run/wait.ts', find: 'if (elapsedMs >= timeoutMs) throw new WaitTimeout(timeoutMs, seen.awaited);', replace: '' }, { file: 'run/wait.ts', find: 'Math.min(options.pauseMs(elapsedMs), timeoutMs - elapsedMs)', replace: 'options.pauseMs(elapsedMs)' }],
    trial: { subject: 'rebuild', scene: 'neverReady' },
    caughtBy: 'L1',
  },
  {
    name: 'a rollback in the middle of a move goes a release too far',
    edits: [{ file: 'session/resume.ts', find: "...unwind('a rollback was asked for; the names are taken back'), isTheResult: true", replace: "...unwind('a rollback was asked for; the names are taken back'), isTheResult: false" }],
    trial: { subject: 'rebuild-keeping', strikes: [at('dns.change', 'killAfter')], next: 'rollback' },
    caughtBy: 'I4',
  },
  {
    name: 'the lock is counted by a clock that somebody may set back',
    edits: [{ file: 'run/clock.ts', find: 'return Math.max(clock.now() - at, ticksOf(clock) - ticks);', replace: 'return clock.now() - at + 0 * ticks;' }],
    trial: { subject: 'rollback', strikes: [at('resolver.query', paused)], scene: 'clockSetBack' },
    caughtBy: 'I2',
  },
  {
    name: 'the lock counts from when its renewal was answered',
    edits: [{ file: 'run/held-lease.ts', find: 'this.#renewedAt = sent;', replace: 'this.#renewedAt = moment(clock);' }],
    trial: { subject: 'prune', strikes: [at('cluster', { fault: 'slow', ms: 10 })], scene: 'slowRenewal' },
    caughtBy: 'I2',
  },
  {
    name: 'every trigger starts a run, whether or not one is under way',
    edits: [{ file: 'session/jobs.ts', find: 'if (active.length > 0) throw', replace: 'if (active.length > 99) throw' }],
    trial: { subject: 'trigger', strikes: [at('cluster.create jobs', 'killAfter')] },
    caughtBy: 'I2',
  },
  {
    name: 'a trigger that got no answer starts another run',
    edits: [{ file: 'session/jobs.ts', find: 'cluster.create(kinds.job, job)', replace: 'cluster.create(kinds.job, manualJob(cronJob, manualJobName(environment, identities.suffix())))' }],
    trial: { subject: 'trigger', strikes: [at('cluster.create jobs', 'lostAnswer')] },
    caughtBy: 'I2',
  },
];
