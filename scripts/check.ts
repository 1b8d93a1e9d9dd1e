// `npm run check`: types, lint, dead code, generated files, and the chart as far as the machine has what that takes. All of them run;
// one that fails makes the exit code 1.

import { join, resolve } from 'node:path';
import { checkChart } from './chart/check.ts';
import { described, runStages, type Stage } from './check/stages.ts';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const stages: readonly Stage[] = [
  { name: 'types', command: [bin('tsc'), '--noEmit', '--pretty', 'false'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--deny-warnings', '--format', 'unix'] },
  { name: 'dead code', command: [bin('knip'), '--no-progress', '--no-config-hints'] },
  { name: 'generated', command: [process.execPath, 'scripts/generate.ts', '--check'] },
];

const passed = await runStages(stages, { cwd: root, report: (result) => console.log(described(result)) });
const chartPassed = await checkChart((line) => console.log(line));
process.exitCode = passed && chartPassed ? 0 : 1;
