// `npm run bench`: measures a rebuild on the embedded cluster, side by side with what it replaces. Says what was measured, not why.

import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { readConnection } from '../cluster/connection.ts';
import { openBench, type Bench } from './embedded.ts';
import { measureHostile } from './hostile.ts';
import { describeHostile, describeMemory, describeOverhead, describeReadiness, describeRequests, describeStarts, describeSwitching } from './print.ts';
import { measureReadiness, measureSilentReadiness } from './readiness.ts';
import { measureRebuilds } from './rebuild.ts';
import { measureStarts } from './start.ts';

const usage = `Usage: npm run bench [-- OPTION…]

  --quick            fewer rounds, and no silent wait
  --silent SECONDS   how long the silent release takes to become ready (default 600)
  --rounds N         measured rebuilds (default 5)
  --pairs N          pairs of waits (default 15)
  --start            only how fast the image starts
  --starts N         starts of the image (default 20)
  --beside ARCHIVE   another image, as "npm run image" makes it, started in turn with this one
  --priority         start them with real-time priority: for a machine that others use as well
  --hostile N        only this: render each chart that takes all memory N times`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    silent: { type: 'string', default: '600' },
    rounds: { type: 'string' },
    pairs: { type: 'string' },
    start: { type: 'boolean', default: false },
    starts: { type: 'string' },
    beside: { type: 'string' },
    priority: { type: 'boolean', default: false },
    hostile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const silentPairs = 3;
const shortSeconds = 4;
const goals = { 'changeover': true, 'helm install --wait': false };

if (options.help) console.log(usage);
else if (options.hostile !== undefined) await hostile(Number(options.hostile));
else await bench();

async function hostile(tries: number): Promise<void> {
  print('The machine', describeMachine());
  print(`Charts that take all memory, in 256 MiB, ${tries} times each`, []);
  for await (const held of measureHostile(tries, readConnection()?.binDir ?? '')) console.log(describeHostile(held));
}

async function bench(): Promise<void> {
  const opened = await openBench();
  try {
    print('The machine', describeMachine());
    await measureStart(opened);
    if (!options.start) await measureReleases(opened);
    print('The machine, at the end', describeMachine());
  } finally {
    await opened.close();
  }
}

/** First, while nothing else runs. */
async function measureStart(opened: Bench): Promise<void> {
  const rounds = Number(options.starts ?? (options.quick ? 5 : 20));
  print('Start of the image', describeStarts(await measureStarts(opened, { rounds, beside: options.beside, hasPriority: options.priority })));
}

async function measureReleases(opened: Bench): Promise<void> {
  const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
  const pairs = Number(options.pairs ?? (options.quick ? 3 : 15));
  const silentSeconds = Number(options.silent);
  // Begun first and awaited last: they wait beside everything else. A failure is told when it is awaited.
  const silent = options.quick ? undefined : Promise.allSettled([measureSilentReadiness(opened, { pairs: silentPairs, silentSeconds })]);
  await measureAll(opened, { rounds, pairs });
  const [ended] = (await silent) ?? [];
  if (ended?.status === 'rejected') throw ended.reason;
  if (ended !== undefined) print(`From the last object ready to being seen, after ${silentSeconds} silent seconds`, describeReadiness(ended.value, { goals }));
}

async function measureAll(opened: Bench, { rounds, pairs }: { readonly rounds: number; readonly pairs: number }): Promise<void> {
  print(`From the last object ready to being seen, after ${shortSeconds} silent seconds`, describeReadiness(await measureReadiness(opened, { pairs, silentSeconds: shortSeconds }), { goals }));
  const rebuilds = await measureRebuilds(opened, rounds);
  print('Where the time of a rebuild goes', describeOverhead(rebuilds));
  print('Requests to the API server, per rebuild', describeRequests(rebuilds));
  print('Memory', describeMemory(rebuilds));
  print('Names switching', describeSwitching(rebuilds));
}

function describeMachine(): readonly string[] {
  return [`${cpus().length} processors, load of the last 1, 5, 15 minutes: ${loadavg().map((load) => load.toFixed(1)).join(', ')}`];
}

function print(title: string, lines: readonly string[]): void {
  console.log(`\n── ${title} ${'─'.repeat(Math.max(0, 100 - title.length))}`);
  for (const line of lines) console.log(line);
}
