// The one executable of the example's image: `portal`, `harvester`, `load` or `check`, each a pod of the chart.
// It only picks the program; what went wrong is printed as one line, and the exit code tells Kubernetes.
import { check } from './check.ts';
import { harvester } from './harvester.ts';
import { load } from './loader.ts';
import { portal } from './portal.ts';

const programs: Record<string, (args: string[]) => Promise<void>> = { portal, harvester, load, check };

const [name = '', ...args] = process.argv.slice(2);
const program = programs[name];
if (program === undefined) {
  process.stderr.write(`usage: programs ${Object.keys(programs).join('|')}\n`);
  process.exitCode = 2;
} else {
  program(args).catch((error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
