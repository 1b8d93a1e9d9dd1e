// Rules about what stands at the top: every file says what it is for.

import { fileRule, type Rule } from './rule.ts';

const mostHeaderLines = 4;

export const headers: readonly Rule[] = [
  fileRule({
    title: 'every file begins with a sentence or two that say what it is for',
    look: ({ text }) => {
      const lines = text.replace(/^#!.*\n/, '').split('\n');
      const length = lines.findIndex((line) => !line.startsWith('//'));
      if (length < 1) return [{ line: 1, problem: 'begins without a comment' }];
      return length > mostHeaderLines ? [{ line: 1, problem: `a header of ${length} lines` }] : [];
    },
    bad: { 'src/bare.ts': "import { z } from 'zod';\n", 'src/novel.ts': `${'// And so on.\n'.repeat(5)}const a = 1;\n` },
    good: { 'src/told.ts': '// Adds numbers; never subtracts.\n\nconst a = 1;\n', 'src/program.ts': '#!/usr/bin/env node\n// The program.\n' },
  }),
];
