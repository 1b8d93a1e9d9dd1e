// docs/errors.md: the catalogue of src/errors.ts as a page.

import { catalogue } from '../../src/errors.ts';

const introduction = `# Errors and exit codes

<!-- Made by \`npm run generate\` from src/errors.ts: do not edit. -->

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed; production untouched or restored, also where somebody else changed a name meanwhile |
| 2 | configuration or usage |
| 3 | failed after the swap, and swapped back |
| 4 | needs a human |
| 5 | refused: locked, a guard, too soon, not as planned any more |
| 75 | held up: it lost its lock, or could not write its record or reach what an earlier run left unfinished; the next run resumes it |
| 130, 143 | stopped by SIGINT (Ctrl-C) or SIGTERM; the next run resumes it |

An error whose step came after the swap exits with 3 once the names point back, whatever its code below.
`;

export function errorsPage(): string {
  const rows = Object.entries(catalogue).map(([code, { exitCode, title, next }]) => `| \`${code}\` | ${exitCode} | ${cell(title)} | ${cell(next)} |`);
  return [introduction, '| code | exit | what happened | what to do |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', '<br>');
}
