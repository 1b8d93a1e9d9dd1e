// A second process of the runner: started in the same moment, as a CronJob may, or while the first one works. Keeps all rules.

import type { Command } from '../boundaries/commands.ts';
import { pick, type Actor } from './play.ts';

const commands: readonly Command[] = [
  { type: 'perform', intent: { operation: 'rebuild' } },
  { type: 'perform', intent: { operation: 'rebuild' }, fresh: true },
  { type: 'perform', intent: { operation: 'rehearse' } },
  { type: 'perform', intent: { operation: 'rollback' } },
  { type: 'perform', intent: { operation: 'prune' } },
];

export const secondRunner: Actor = ({ random, note, sometime, start, met }) => {
  const command = pick(random, commands);
  if (command?.type !== 'perform') return;
  const begin = async (): Promise<void> => {
    note(`somebody starts another ${command.intent.operation}${command.fresh === true ? ' --fresh' : ''}`);
    met('two runners');
    await start(command);
  };
  if (random.next() < 0.4) void begin();
  else sometime(begin);
};
