// `npm run simulate:nightly [FIRST_SEED]`: ten thousand days of their own for each night, a death at every place, the wall time of two days, and
// twenty thousand pairs of deaths, in as many processes as there are cores. Ends with 1 when one of them has a violation, or took too long.

import { resolve } from 'node:path';
import { execa } from 'execa';
import { firstSeedOf, isGood, phasesOf, summaryOf, type Ended, type Phase } from './nightly/phases.ts';

const root = resolve(import.meta.dirname, '..');
const [given = String(firstSeedOf(new Date()))] = process.argv.slice(2);

if (/^\d+$/.test(given)) process.exitCode = await main(Number(given));
else {
  console.error(`The first seed is a whole number, not “${given}”.`);
  process.exitCode = 2;
}

async function main(firstSeed: number): Promise<number> {
  console.log(`The same night again: npm run simulate:nightly -- ${firstSeed}`);
  const ended: Ended[] = [];
  for (const phase of phasesOf(firstSeed)) ended.push(await run(phase));
  console.log(['', ...ended.map(summaryOf)].join('\n'));
  return ended.every(isGood) ? 0 : 1;
}

/** The processes of it share the work: see `sim/command/workers.ts`. */
async function run(phase: Phase): Promise<Ended> {
  console.log(`\n== ${phase.name}`);
  const startedAt = performance.now();
  const { exitCode = 1 } = await execa(process.execPath, ['sim/main.ts', ...phase.words], { cwd: root, stdio: 'inherit', reject: false });
  return { ...phase, exitCode, tookMs: performance.now() - startedAt };
}
