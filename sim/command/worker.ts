// One of several processes that share the work: does what it is sent, and sends back what came of it. Prints nothing.

import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doubleCrashes, type Crashed } from '../double-crashes.ts';
import { everyCrash } from '../every-crash.ts';
import { runSeed } from '../seed.ts';
import type { Transcript } from '../transcript.ts';
import { replayOfSeed, type Filter, type Work } from './arguments.ts';
import type { Done, Found } from './done.ts';

process.on('message', (work: Work) => void carryOut(work));
// The parent is asked by Ctrl-C, and tells how far it came.
process.on('SIGINT', () => undefined);
// Without it there is nobody to work for.
process.on('disconnect', () => process.exit(0));

async function carryOut(work: Work): Promise<void> {
  try {
    if (work.type === 'seeds') for (let seed = work.from; seed < work.from + work.count; seed += 1) tell(await seedDone(seed, work.filter));
    else if (work.type === 'doubleCrashes') await doubleCrashes({ ...work, progress: async (done) => tell(await crashDone(done, 'pair')) });
    else await everyCrash({ ...work, progress: async (done) => tell(await crashDone(done, 'crash')) });
    tell({ type: 'ready' });
  } catch (error) {
    tell({ type: 'broken', problem: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

type Message = Done | { readonly type: 'ready' } | { readonly type: 'broken'; readonly problem: string };

function tell(message: Message): void {
  process.send?.(message);
}

async function seedDone(seed: number, filter: Filter): Promise<Done> {
  const { scenario, violations, requests, faults, virtualMs, transcript, world, letDown } = await runSeed({ seed, ...filter });
  const counts = { type: 'done', seed, requests, faults, virtualMs, letDown: [...letDown.values()].reduce((sum, times) => sum + times, 0) } as const;
  if (violations.length === 0) return counts;
  const transcriptPath = await keep(transcript, `seed-${seed}`);
  const found: Found = { title: `seed ${seed} (${scenario})`, violations, world, replay: replayOfSeed(seed, filter), transcriptPath };
  return { ...counts, found };
}

async function crashDone({ seed, findings, replay, transcript, world }: Crashed, what: 'pair' | 'crash'): Promise<Done> {
  const counts = { type: 'done', seed, requests: 0, faults: what === 'pair' ? 2 : 1, virtualMs: 0 } as const;
  if (findings.length === 0) return counts;
  const violations = findings.map((finding) => ({ story: [], ...finding }));
  return { ...counts, found: { title: `${what} ${seed}`, violations, world, replay, transcriptPath: await keep(transcript, `${what}-${seed}`) } };
}

/** Where it is. */
async function keep(transcript: Transcript, name: string): Promise<string> {
  const directory = join(tmpdir(), 'changeover-simulate');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, `${name}.txt`), transcript.text());
  return join(directory, `${name}.txt`);
}
