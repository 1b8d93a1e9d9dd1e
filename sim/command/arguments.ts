// The command line of `npm run simulate`: from words to what is wanted, or a sentence that says what is wrong with them. Runs nothing.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { parseCrash, type NamedCrash } from '../boundaries/notation.ts';
import { findScenario, scenarios } from '../scenarios/scenarios.ts';
import { troubleKinds, type TroubleKind, type Wanted } from '../seed.ts';

export type Filter = Omit<Wanted, 'seed'>;

export type Asked =
  | { readonly type: 'help' }
  | { readonly type: 'seed'; readonly seed: number; readonly filter: Filter }
  | { readonly type: 'crash'; readonly crash: NamedCrash }
  | { readonly type: 'everyCrash'; readonly jobs: number }
  | { readonly type: 'twoDays' }
  | { readonly type: 'many'; readonly work: Work; readonly jobs: number };

/** What is done many times, shared among processes. */
export type Work = { readonly type: 'seeds'; readonly from: number; readonly count: number; readonly filter: Filter } | { readonly type: 'doubleCrashes' | 'everyCrash'; readonly from: number; readonly count: number };

export class UsageError extends Error {}

const options = {
  seeds: { type: 'string' },
  from: { type: 'string' },
  seed: { type: 'string' },
  operation: { type: 'string' },
  scenario: { type: 'string' },
  faults: { type: 'string' },
  jobs: { type: 'string' },
  'double-crashes': { type: 'string' },
  'every-crash': { type: 'boolean' },
  'two-days': { type: 'boolean' },
  crash: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parsed>;

export function parseArguments(words: readonly string[]): Asked {
  const values = parsed(words);
  if (values.help === true) return { type: 'help' };
  const ways = (['seed', 'crash', 'seeds', 'double-crashes', 'every-crash', 'two-days'] as const).filter((way) => values[way] !== undefined);
  if (ways.length > 1) throw new UsageError(`--${ways[0]} and --${ways[1]} exclude each other`);
  if (values['two-days'] === true) return { type: 'twoDays' };
  if (values.crash !== undefined) return { type: 'crash', crash: crashOf(values.crash) };
  const filter = filterOf(values);
  if (values.seed !== undefined) return { type: 'seed', seed: wholeNumber('seed', values.seed), filter };
  const from = values.from === undefined ? 1 : wholeNumber('from', values.from);
  const jobs = values.jobs === undefined ? availableParallelism() : wholeNumber('jobs', values.jobs, 1);
  if (values['every-crash'] === true) return { type: 'everyCrash', jobs };
  const double = values['double-crashes'];
  if (double !== undefined) return { type: 'many', jobs, work: { type: 'doubleCrashes', from, count: wholeNumber('double-crashes', double, 1) } };
  return { type: 'many', jobs, work: { type: 'seeds', from, count: values.seeds === undefined ? usualSeeds : wholeNumber('seeds', values.seeds, 1), filter } };
}

const usualSeeds = 200;

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    // Node's own words name the option; what follows the first sentence is about other programs.
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'what?');
  }
}

function wholeNumber(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > 4_294_967_295) throw new UsageError(`--${option} wants a whole number${least === 0 ? '' : ` from ${least} up`}, not “${text}”`);
  return value;
}

function filterOf({ operation, scenario, faults }: Values): Filter {
  const operations = [...new Set(scenarios.map((known) => known.operation))];
  if (operation !== undefined && !operations.includes(operation)) throw new UsageError(`no operation is called ${operation}: ${operations.join(', ')}`);
  const found = scenario === undefined ? undefined : findScenario(scenario);
  if (scenario !== undefined && found === undefined) throw new UsageError(`no scenario is called ${scenario}: ${scenarios.map(({ name }) => name).join(', ')}`);
  if (operation !== undefined && found !== undefined && found.operation !== operation) throw new UsageError(`scenario ${scenario} is about ${found.operation}, not ${operation}`);
  return { operation, scenario, faults: faults === undefined ? undefined : faultsNamed(faults) };
}

function faultsNamed(text: string): readonly TroubleKind[] {
  const names = text === 'none' ? [] : text.split(',');
  return names.map((name) => {
    const kind = troubleKinds.find((known) => known === name);
    if (kind === undefined) throw new UsageError(`no fault is called “${name}”: ${troubleKinds.join(', ')}, or none`);
    return kind;
  });
}

function crashOf(text: string): NamedCrash {
  try {
    return parseCrash(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** The command that shows one seed again. */
export function replayOfSeed(seed: number, { operation, scenario, faults }: Filter): string {
  const more = [operation === undefined ? [] : ['--operation', operation], scenario === undefined ? [] : ['--scenario', scenario], faults === undefined ? [] : ['--faults', faults.join(',') || 'none']];
  return ['npm run simulate -- --seed', String(seed), ...more.flat()].join(' ');
}

export function usage(): string {
  const wrapped = (words: readonly string[]): string => wrap(words, 76).map((line) => `  ${line}`).join('\n');
  return `Usage: npm run simulate [-- OPTION…]

Runs whole operations in a simulated world in which much goes wrong, and
checks after every event what must never happen.

  --seeds N            that many days, one after another (default ${usualSeeds})
  --from SEED          the first of them (default 1)
  --seed SEED          this one day, with its whole transcript
  --operation NAME     only days that are about it
  --scenario NAME      only days in this production
  --faults A,B         only these kinds of faults; “none” for quiet days
  --jobs N             processes (default: one for each core)
  --double-crashes N   that many runs that die, and whose successors die too
  --every-crash        a run that dies, at each place where it can: ten thousand
  --two-days           how long a rebuild of two days takes on this machine
  --crash PLACE        one crash, such as rebuild:118/killAfter

Exit code 1: something happened that must not, or two days took too long;
2: the command was wrong.

Scenarios:
${scenarios.map(({ name, description }) => wrap(description.split(' '), 49).map((line, index) => `  ${(index === 0 ? name : '').padEnd(28)}${line}`).join('\n')).join('\n')}

Faults:
${wrapped(troubleKinds.map((kind, index) => (index === troubleKinds.length - 1 ? kind : `${kind},`)))}`;
}

function wrap(words: readonly string[], width: number): readonly string[] {
  return words.reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
