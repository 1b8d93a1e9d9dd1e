// A crash as one word of a command line, so that each can be had again: `rebuild:118/killAfter`, `rebuild:118/kill,40/killHeard`.

import { deaths, type Crash } from '../boundaries.ts';
import type { Command, Dying } from './commands.ts';

/** What may be asked for instead of the same again. */
export const others: Readonly<Record<string, Command & { readonly type: 'perform' | 'cancel' }>> = {
  fresh: { type: 'perform', intent: { operation: 'rebuild' }, fresh: true },
  rollback: { type: 'perform', intent: { operation: 'rollback' } },
  rehearse: { type: 'perform', intent: { operation: 'rehearse' } },
  prune: { type: 'perform', intent: { operation: 'prune' } },
  cancel: { type: 'cancel' },
};

export interface NamedCrash extends Omit<Crash, 'next'> {
  readonly subject: string;
  /** Key of `others`. */
  readonly next?: string;
}

export function printCrash({ subject, deaths: places, next }: NamedCrash): string {
  return `${subject}:${places.map(printDying).join(',')}${next === undefined ? '' : `:${next}`}`;
}

/** Throws an Error that says what is wrong with it. */
export function parseCrash(text: string): NamedCrash {
  const [, subject, places, next] = /^([a-z-]+):([^:]+)(?::([a-z]+))?$/.exec(text) ?? [];
  if (subject === undefined || places === undefined) throw new Error(`${text} is no crash; one looks like rebuild:118/killAfter`);
  if (next !== undefined && others[next] === undefined) throw new Error(`nothing is called ${next}: ${Object.keys(others).join(', ')}`);
  return { subject, deaths: places.split(',').map(parseDying), ...(next === undefined ? {} : { next }) };
}

function printDying({ nth, fault }: Dying): string {
  if (typeof fault === 'string') return `${nth}/${fault}`;
  return 'objects' in fault ? `${nth}/${fault.fault}-${fault.objects}` : `${nth}/${JSON.stringify(fault)}`;
}

const inHelm = ['killAtObject', 'helmKilledAtObject'] as const;

function parseDying(text: string): Dying {
  const [, nth, name, objects] = /^(\d+)\/(\w+)(?:-(\d+))?$/.exec(text) ?? [];
  const death = deaths.find((known) => known === name);
  const within = objects === undefined ? undefined : inHelm.find((known) => known === name);
  const fault = within === undefined ? death : { fault: within, objects: Number(objects) };
  if (nth === undefined || fault === undefined) throw new Error(`${text} is no place to die at; one looks like 118/killAfter (${deaths.join(', ')}), or like 66/killAtObject-3`);
  return { nth: Number(nth), fault };
}

/** The command that shows one again. */
export function replayOf(crash: NamedCrash): string {
  return `npm run simulate -- --crash ${printCrash(crash)}`;
}
