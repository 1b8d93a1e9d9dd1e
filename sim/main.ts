// `npm run simulate`: days out of seeds, many at a time or one with its transcript. Prints, and ends with 0, 1 (violations, or too slow) or 2 (usage).

import { crashed, undisturbed } from './boundaries.ts';
import { others, replayOf, type NamedCrash } from './boundaries/notation.ts';
import { findSubject } from './boundaries/subjects.ts';
import { parseArguments, usage, UsageError, replayOfSeed, type Filter, type Work } from './command/arguments.ts';
import { Progress, type Output } from './command/progress.ts';
import { describeFound } from './command/story.ts';
import { describeTwoDays, isInTime, timeTwoDays } from './command/two-days.ts';
import { share } from './command/workers.ts';
import { everyPlace } from './every-crash.ts';
import { runSeed } from './seed.ts';

const output: Output = {
  write: (text) => void process.stdout.write(text),
  get columns() {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  },
  now: () => performance.now(),
};

// `| head` leaves before all is written.
process.stdout.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const asked = parseArguments(words);
    if (asked.type === 'seed') return await showSeed(asked.seed, asked.filter);
    if (asked.type === 'crash') return await showCrash(asked.crash);
    if (asked.type === 'twoDays') return await showTwoDays();
    if (asked.type === 'everyCrash') return await runMany({ type: 'everyCrash', from: 0, count: (await everyPlace()).length }, asked.jobs);
    if (asked.type === 'many') return await runMany(asked.work, asked.jobs);
    output.write(`${usage()}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\nSee: npm run simulate -- --help\n`);
    return 2;
  }
}

async function runMany(work: Work, jobs: number): Promise<number> {
  const progress = new Progress(work, output);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  try {
    await share({ work, jobs, stop: stop.signal, onDone: (done) => progress.add(done) });
  } finally {
    process.removeListener('SIGINT', interrupt);
    progress.end({ interrupted: stop.signal.aborted });
  }
  return stop.signal.aborted ? 130 : progress.violations === 0 ? 0 : 1;
}

async function showSeed(seed: number, filter: Filter): Promise<number> {
  const { violations, transcript, world, scenario } = await runSeed({ seed, ...filter });
  output.write(transcript.text());
  output.write(violations.length === 0 ? `${['', ...world].join('\n')}\n\n0 violations; transcript sha256:${transcript.hash()}\n` : describeFound({ title: `seed ${seed} (${scenario})`, violations, world, replay: replayOfSeed(seed, filter) }));
  return violations.length === 0 ? 0 : 1;
}

async function showTwoDays(): Promise<number> {
  const taken = await timeTwoDays({ times: 5 });
  output.write(describeTwoDays(taken));
  return isInTime(taken) ? 0 : 1;
}

async function showCrash(named: NamedCrash): Promise<number> {
  const { subject, deaths, next } = named;
  const command = next === undefined ? undefined : others[next];
  const { findings, transcript, world } = await crashed(await undisturbed(findSubject(subject)), { deaths, ...(command === undefined ? {} : { next: command }) });
  output.write(transcript.text());
  const violations = findings.map((finding) => ({ story: [], ...finding }));
  output.write(findings.length === 0 ? `${['', ...world].join('\n')}\n\n0 violations\n` : describeFound({ title: subject, violations, world, replay: replayOf(named) }));
  return findings.length === 0 ? 0 : 1;
}
