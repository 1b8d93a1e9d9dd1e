// Rules about what is pure: plan, readiness and operations do no input or output and know no clock.

import { fileRule, isIn, matches, type Rule } from './rule.ts';
import type { Import } from './source.ts';

const isPure = isIn('src/plan', 'src/readiness', 'src/operations');

// Builtins that compute only.
const computing = new Set(['node:crypto', 'node:util', 'node:assert', 'node:path/posix']);

/** `isIP` and its like look at a text; everything else of node:net talks. */
function isComputing({ target, names }: Import): boolean {
  return computing.has(target) || (target === 'node:net' && names.every((name) => /^isIP(v[46])?$/.test(name)));
}

export const purity: readonly Rule[] = [
  fileRule({
    title: 'plan, readiness and operations do no input or output',
    applies: isPure,
    look: (source) => [
      ...source.imports.filter((one) => !one.isTypeOnly && one.target.startsWith('node:') && !isComputing(one)).map(({ target }) => ({ problem: `imports ${target}` })),
      ...matches(source, /\b(fetch|setTimeout|setInterval|setImmediate)\(|\bprocess\s*\.|\bconsole\s*\./g, 'input or output'),
    ],
    bad: { 'src/plan/a.ts': "import { readFile } from 'node:fs/promises';\n", 'src/plan/b.ts': "import { isIP, connect } from 'node:net';\n", 'src/readiness/c.ts': "console.log('ready');\n" },
    good: { 'src/plan/a.ts': "import { createHash } from 'node:crypto';\nimport { isIPv4 } from 'node:net';\n", 'src/steps/b.ts': "import { readFile } from 'node:fs/promises';\n" },
  }),
  fileRule({
    title: 'plan, readiness and operations know no clock and no chance',
    applies: isPure,
    look: (source) => [
      ...matches(source, /\bDate\.now\(|\bnew Date\(\)|\bperformance\s*\.|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\brandomInt\(/g, 'depends on when or on chance'),
      ...source.imports.filter(({ names }) => names.includes('Clock') || names.includes('timestamp')).map(({ target }) => ({ problem: `imports a clock from ${target}` })),
    ],
    bad: { 'src/plan/a.ts': 'const now = Date.now();\n', 'src/readiness/b.ts': "import type { Clock } from '../run/clock.ts';\n" },
    good: { 'src/plan/a.ts': 'const at = new Date(startedAt);\n', 'src/plan/b.ts': "import type { Milliseconds } from '../run/clock.ts';\n" },
  }),
];
