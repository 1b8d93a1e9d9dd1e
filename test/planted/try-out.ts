// One trial from its beginning to its judgement. Loaded once as it is, and once more with each plant in what it imports.

import type { Undisturbed } from '../../sim/boundaries.ts';
import { give, type Dying, type End } from '../../sim/boundaries/commands.ts';
import { judge, type Finding } from '../../sim/boundaries/judge.ts';
import { openLedger } from '../../sim/boundaries/ledger.ts';
import { others } from '../../sim/boundaries/notation.ts';
import { begin } from '../../sim/boundaries/stage.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';
import { enoughRequests } from '../../sim/boundaries/usual.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { isUnfinished } from '../../src/run/record.ts';
import type { Strike, Trial } from './plant.ts';
import { scenes, type Scene } from './scenes.ts';

/** What is wrong in the end; `usual` was made without any plant. */
export async function tryOut(trial: Trial, usual: Undisturbed): Promise<readonly Finding[]> {
  const { disturb, inspect, meanwhile, subject: more }: Scene = trial.scene === undefined ? {} : scenes[trial.scene];
  const known = findSubject(trial.subject);
  const subject = { ...known, ...more, environment: { ...known.environment, ...more?.environment }, scenario: { ...known.scenario, ...more?.scenario } };
  const stage = await begin({ ...usual, subject }, trial.scene === undefined ? { mostRequests: enoughRequests(usual.usualRequests) } : {});
  const ledger = openLedger(stage.production);
  const finished = (await stage.production.records()).filter((record) => !isUnfinished(record)).map(({ id }) => id);
  await disturb?.(stage);
  for (const strike of trial.strikes ?? []) await Promise.all([give(stage, subject.command, { dying: dyingOf(strike) }), meanwhile?.(stage)]);
  const ends: End[] = [];
  const next = trial.next === undefined ? undefined : others[trial.next];
  for (const command of [...(next === undefined ? [] : [next]), subject.command, ...(subject.finish ?? [])]) ends.push(await give(stage, command));
  await stage.production.world.clock.sleep(120_000);
  const findings = await judge({ stage, ledger, usual: { ...usual, subject }, ends, before: { finished } });
  return [...findings, ...(inspect?.(stage) ?? [])];
}

function dyingOf({ refused, ...dying }: Strike): Dying {
  return refused === undefined ? dying : { ...dying, fault: new DriverError({ reason: refused, attempted: dying.text ?? '', detail: 'simulated: refused' }) };
}
