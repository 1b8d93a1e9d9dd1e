// Rules about calls that have hurt others, and about who may end the process, read its environment, or start another.

import { fileRule, isIn, matches, type Rule } from './rule.ts';

const inSource = isIn('src');

export const calls: readonly Rule[] = [
  fileRule({
    title: 'nothing is called that empties a zone (google-cloud-node#6434)',
    look: (source) => matches(source, /\.(replaceRecords|deleteRecords|empty)\(/g, 'deletes more than one means'),
    bad: { 'src/drivers/dns/a.ts': "await zone.replaceRecords('A', record);\n", 'src/drivers/dns/b.ts': 'await zone.empty();\n' },
    good: { 'src/drivers/dns/a.ts': 'await zone.createChange({ delete: [], add: [] });\n// Never zone.empty().\n' },
  }),
  fileRule({
    title: 'only main.ts ends the process',
    applies: (path) => inSource(path) && path !== 'src/main.ts',
    look: (source) => matches(source, /\bprocess\s*\.\s*(exit|exitCode|abort|kill|reallyExit)\b/g, 'ends the process'),
    bad: { 'src/cli/a.ts': 'process.exit(1);\n', 'src/cli/b.ts': 'process.exitCode = 1;\n' },
    good: { 'src/cli/a.ts': 'return 1;\n// main.ts calls process.exit(1).\n'.replace('return 1;', 'const code = 1;'), 'src/main.ts': 'process.exitCode = 1;\n' },
  }),
  fileRule({
    title: 'only config and main.ts read environment variables',
    applies: (path) => inSource(path) && path !== 'src/main.ts' && !path.startsWith('src/config/'),
    look: (source) => matches(source, /\bprocess\s*\.\s*env\b/g, 'reads the environment'),
    bad: { 'src/drivers/helm/a.ts': 'const home = process.env.HOME;\n' },
    good: { 'src/config/a.ts': 'const home = process.env.HOME;\n', 'src/drivers/helm/b.ts': 'const { home } = options;\n' },
  }),
  fileRule({
    title: 'only src/drivers/process.ts starts processes',
    applies: (path) => inSource(path) && path !== 'src/drivers/process.ts',
    look: ({ imports }) => imports.filter(({ target }) => /^(execa|(node:)?(child_process|worker_threads|cluster))$/.test(target)).map(({ target }) => ({ problem: `imports ${target}` })),
    bad: { 'src/drivers/helm/a.ts': "import { execa } from 'execa';\n", 'src/drivers/dns/b.ts': "import { spawn } from 'node:child_process';\n" },
    good: { 'src/drivers/process.ts': "import { execa } from 'execa';\n", 'src/drivers/helm/b.ts': "import { run } from '../process.ts';\n" },
  }),
  fileRule({
    title: 'nothing is ever started through a shell',
    look: (source) => [...matches(source, /\bshell\s*:\s*(true|['"`])/g, 'a shell'), ...matches(source, /(?<![.\w])(exec|execSync)\(/g, 'a shell')],
    bad: { 'scripts/a.ts': "spawn('ls', [], { shell: true });\n", 'scripts/b.ts': "execSync('ls');\n" },
    good: { 'scripts/a.ts': "spawn('ls', []);\n", 'src/b.ts': 'pattern.exec(text);\n' },
  }),
  fileRule({
    title: 'drivers answer once: they never wait and never retry',
    applies: isIn('src/drivers'),
    look: (source) => [
      ...matches(source, /\.sleep\(|\bsetInterval\(|\bsetTimeout\(\s*(resolve|done)\b|\bpRetry\(/g, 'waits or retries'),
      ...source.imports.filter(({ target }) => /(run\/(wait|retry)\.ts|timers\/promises|p-retry)$/.test(target)).map(({ target }) => ({ problem: `imports ${target}` })),
    ],
    bad: { 'src/drivers/dns/a.ts': 'await clock.sleep(1_000);\n', 'src/drivers/dns/b.ts': "import { retry } from '../../run/retry.ts';\n" },
    good: { 'src/drivers/dns/a.ts': 'setTimeout(() => abort.abort(), timeoutMs);\n', 'src/steps/b.ts': 'await clock.sleep(1_000);\n' },
  }),
];
