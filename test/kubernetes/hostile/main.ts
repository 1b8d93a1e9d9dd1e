// A program for hostile.test.ts: meets one environment file or one chart as changeover does, and prints what became of it.
// Usage: main.ts environment FILE… | main.ts chart JSON | main.ts often TIMES JSON, where JSON is what is offered (`charts.ts`)

import { readValues } from '../../../src/config/values-files.ts';
import { loadEnvironment } from '../../../src/config/load.ts';
import type { ValuesSource } from '../../../src/config/sections/release.ts';
import { asFailure } from '../../../src/drivers/failure.ts';
import { helmCli } from '../../../src/drivers/helm/helm-cli.ts';
import type { ChartSource } from '../../../src/drivers/helm/helm.ts';
import { runProcess } from '../../../src/drivers/process.ts';
import type { Offered } from './charts.ts';

async function meet([kind, ...rest]: readonly string[]): Promise<unknown> {
  if (kind === 'environment') return loadEnvironment(rest);
  if (kind === 'often') return meetOften(Number(rest[0]), JSON.parse(rest[1] ?? '') as Offered);
  return render(JSON.parse(rest[0] ?? '') as Offered);
}

interface Often {
  /** How it ended, how often. */
  readonly ends: Readonly<Record<string, number>>;
  readonly longestMs: number;
}

/** Each time Helm is measured anew. */
async function meetOften(times: number, offered: Offered): Promise<Often> {
  const ends = new Map<string, number>();
  let longestMs = 0;
  for (let made = 0; made < times; made += 1) {
    const startedAt = performance.now();
    const end = await render(offered).then(() => 'accepted', (error: unknown) => asFailure(error).message);
    longestMs = Math.max(longestMs, performance.now() - startedAt);
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return { ends: Object.fromEntries(ends), longestMs };
}

async function render({ source, values: sources = [], environment }: Offered): Promise<unknown> {
  // Held to the end, as a run does.
  const loaded = environment === undefined ? undefined : await loadEnvironment([environment]);
  const values = await readValues(sources as readonly ValuesSource[], () => Promise.reject(new Error('no Secrets here')));
  const helm = helmCli({ run: runProcess, timeoutMs: 60_000 });
  const chart = await helm.chart(source as ChartSource);
  const release = loaded?.environment ?? 'prod';
  return helm.render({ name: `${release}-abcde`, namespace: `${release}-abcde`, chart, values, signal: new AbortController().signal });
}

try {
  console.log(JSON.stringify({ accepted: await meet(process.argv.slice(2)) }));
} catch (error) {
  const failure = asFailure(error);
  console.log(JSON.stringify({ refused: failure.message, code: failure.code, details: failure.facts.details ?? [], more: failure.facts }));
}
