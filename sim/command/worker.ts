// One of several processes that share the work: does what it is sent, and sends back what came of it. Prints nothing.

import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doubleCrashes, type Crashed } from '../double-crashes.ts';
import { everyCrash } from '../every-crash.ts';
import { runSeed } from '../seed.ts';
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
    else if (work.type === 'doubleCrashes') await doubleCrashes({ ...work, progress: (done) => tell(crashDone(done, 'pair')) });
    else await everyCrash({ ...work, progress: (done) => tell(crashDone(done, 'crash')) });
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
  const { scenario, violations, requests, faults, virtualMs, transcript, world } = await runSeed({ seed, ...filter });
  const counts = { type: 'done', seed, requests, faults, virtualMs } as const;
  if (violations.length === 0) return counts;
  const transcriptPath = join(tmpdir(), 'changeover-simulate', `seed-${seed}.txt`);
  await mkdir(join(tmpdir(), 'changeover-simulate'), { recursive: true });
  await writeFile(transcriptPath, transcript.text());
  const found: Found = { title: `seed ${seed} (${scenario})`, violations, world, replay: replayOfSeed(seed, filter), transcriptPath };
  return { ...counts, found };
}

function crashDone({ seed, findings, replay }: Crashed, what: 'pair' | 'crash'): Done {
  const violations = findings.map((finding) => ({ ...finding, story: [] }));
  const counts = { type: 'done', seed, requests: 0, faults: what === 'pair' ? 2 : 1, virtualMs: 0 } as const;
  return findings.length === 0 ? counts : { ...counts, found: { title: `${what} ${seed}`, violations, world: [], replay } };
}
