// `npm run test:chaos`: the real program on the embedded cluster, killed, cut off, stopped and doubled. Prints what was tried and what
// was wrong; the last line is `N passed, N failed`. It touches only environments of its own, called `chaos-…`.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readConnection } from '../../cluster/connection.ts';
import { cluster } from '../../examples/demo/commands.ts';
import { bundle } from '../../scripts/build.ts';
import { seeded } from '../../sim/random.ts';
import { connection } from '../kubernetes/support/namespaces.ts';
import { importExampleImage } from '../kubernetes/support/release.ts';
import { doubles } from './phases/doubles.ts';
import { helm } from './phases/helm.ts';
import { kills, rehearsals, rollbacks } from './phases/kills.ts';
import { proxy } from './phases/proxy.ts';
import { thirdParty } from './phases/third-party.ts';
import { watches } from './phases/watches.ts';
import { openAddressBook } from './support/address-book.ts';
import type { Stage } from './support/environment.ts';
import { apiOf, listable } from './support/leftovers.ts';
import { watchPublic } from './support/public-watch.ts';
import type { Phase } from './support/rounds.ts';
import { Tally } from './support/tally.ts';
import { followTrails } from './support/trails.ts';

interface PhaseEntry {
  readonly run: (phase: Phase) => Promise<void>;
  /** Of a whole run, and of a short one. */
  readonly rounds: { readonly full: number; readonly few: number };
  readonly what: string;
  /** Mostly a wait: it is begun first, and told last. */
  readonly isBeside?: boolean;
}

const phases: Readonly<Record<string, PhaseEntry>> = {
  kills: { run: kills, rounds: { full: 200, few: 4 }, what: 'kills of the runner' },
  rehearsals: { run: rehearsals, rounds: { full: 30, few: 1 }, what: 'kills of rehearsals' },
  rollbacks: { run: rollbacks, rounds: { full: 30, few: 1 }, what: 'kills of rollbacks' },
  proxy: { run: proxy, rounds: { full: 300, few: 15 }, what: 'injections on the way to the API server and to the name servers' },
  watches: { run: watches, rounds: { full: 700, few: 60 }, what: 'injections into watches, and a stalled one', isBeside: true },
  doubles: { run: doubles, rounds: { full: 50, few: 1 }, what: 'double starts, each followed by SIGSTOP and SIGCONT' },
  helm: { run: helm, rounds: { full: 100, few: 2 }, what: 'kills of Helm' },
  thirdParty: { run: thirdParty, rounds: { full: 100, few: 4 }, what: 'edits of a name between plan and swap' },
};

const usage = `Usage: npm run test:chaos [-- OPTION…]

  --phase NAME   one of: ${Object.keys(phases).join(', ')}; may be given several times (default: all)
  --rounds N     instead of the phase's own number: ${Object.entries(phases).map(([name, { rounds, what }]) => `${rounds.full} ${what} (${name})`).join(', ')}
  --few          a few rounds of each, all phases at once, in less than four minutes
  --width N      environments side by side (default 5)
  --program FILE the program as one file (default: made of the sources as they are now)
  --seed N       for the choice of moments (default: the present time); what the machine makes of them differs each time`;

const { values: options } = parseArgs({
  options: {
    phase: { type: 'string', multiple: true, default: Object.keys(phases) },
    rounds: { type: 'string' },
    few: { type: 'boolean', default: false },
    program: { type: 'string' },
    width: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

/** Of a whole run, both ways of hurting what passes a proxy together; without one of the two phases there is nothing to judge. */
const leastInjections = 1_000;

// Ends in order, and tells what was done until then. For good: whoever listens but once leaves the rest to those who end the process.
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

if (options.help) console.log(usage);
else process.exitCode = await chaos();

async function chaos(): Promise<number> {
  const wasUp = readConnection() !== undefined;
  if (!wasUp) await cluster('up');
  try {
    return await onCluster();
  } finally {
    if (!wasUp) await cluster('down');
  }
}

async function onCluster(): Promise<number> {
  await importExampleImage();
  const directory = await mkdtemp(join(tmpdir(), 'changeover-chaos-'));
  const stage = await openStage(directory);
  console.log(`seed ${options.seed}`);
  const tallies: Tally[] = [];
  try {
    const isBeside = (name: string): boolean => options.few || phases[name]?.isBeside === true;
    const beside = options.phase.filter(isBeside).map((name) => perform(name, stage));
    for (const name of options.phase.filter((one) => !isBeside(one))) tallies.push(await perform(name, stage));
    tallies.push(...(await Promise.all(beside)), ...paceOf(stage));
  } finally {
    stage.public.close();
    await stage.book.close();
    await rm(directory, { recursive: true });
  }
  tallies.push(...injectionsOf(tallies));
  const failed = tallies.reduce((sum, { violations }) => sum + violations.length, 0);
  const passed = tallies.filter(({ violations }) => violations.length === 0).length;
  for (const { phase, violations } of tallies) for (const violation of violations) console.log(`FAILED  chaos, ${phase}: ${inOneLine(violation)}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Who it was, and what was wrong first: a story tells the rest, and begins each problem with a line of its own. */
function inOneLine(violation: string): string {
  const [first = '', second] = violation.split('\n');
  return first.endsWith(':') && second !== undefined ? `${first} ${second.trim()}` : first;
}

/** In one number: how often something that passed a proxy was hurt, and no final state missed for it. Counted as one phase more. */
function injectionsOf(tallies: readonly Tally[]): readonly Tally[] {
  const both = tallies.filter(({ phase }) => phase === 'proxy' || phase === 'watches');
  if (both.length < 2) return [];
  const tally = new Tally('injections');
  const count = both.reduce((sum, one) => sum + one.of('injections'), 0);
  const violations = both.reduce((sum, one) => sum + one.violations.length, 0);
  console.log('\n── injections: what passed a proxy and was hurt (proxy and watches together)');
  tally.say(`${count} injections (goal of a whole run: ≥ ${leastInjections}), ${violations} violations`);
  const isWhole = !options.few && options.rounds === undefined && !stop.signal.aborted;
  if (isWhole && count < leastInjections) tally.violation(`only ${count} injections, and not ${leastInjections}`);
  return [tally];
}

/** Whether the public was watched as it should be: counted as one phase more. */
function paceOf({ public: watch }: Stage): readonly Tally[] {
  const problems = watch.slowness();
  if (problems === undefined) return [];
  const tally = new Tally('public');
  console.log('\n── public: every name at both servers, as long as it must have an answer');
  tally.say(watch.summary());
  for (const problem of problems) tally.violation(problem);
  return [tally];
}

async function perform(name: string, stage: Stage): Promise<Tally> {
  const tally = new Tally(name);
  const entry = phases[name];
  if (entry === undefined) {
    tally.violation(`there is no phase ${name}`);
    return tally;
  }
  const rounds = Number(options.rounds ?? (options.few ? entry.rounds.few : entry.rounds.full));
  console.log(`\n── ${name}: ${rounds} ${entry.what} ${'─'.repeat(60)}`);
  const phase: Phase = { stage, tally, stop: stop.signal, rounds, isWhole: rounds >= entry.rounds.full, width: options.few ? 1 : Number(options.width), random: seeded(Number(options.seed)) };
  await entry.run(phase).catch((error: unknown) => tally.violation(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  console.log(`\n── ${name}, in all`);
  for (const line of tally.lines()) console.log(line);
  return tally;
}

async function openStage(directory: string): Promise<Stage> {
  const embedded = connection();
  const program = options.program ?? (await bundle(join(directory, 'program'))).program;
  const get = apiOf(embedded);
  const book = openAddressBook(embedded);
  return { connection: embedded, program, trails: await followTrails(embedded), book, public: watchPublic(embedded, book), get, listings: await listable(get) };
}
