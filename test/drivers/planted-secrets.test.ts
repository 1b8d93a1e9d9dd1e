// Programs that print all they were given, and then fail: nothing secret may be in their arguments, their environment, or our errors.

import { chmod, mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { nsupdate } from '../../src/drivers/dns/nsupdate.ts';
import { changeScript } from '../../src/drivers/dns/nsupdate-script.ts';
import { helmCli } from '../../src/drivers/helm/helm-cli.ts';
import type { ReleaseRequest } from '../../src/drivers/helm/helm.ts';
import { runProcess, type RunProcess } from '../../src/drivers/process.ts';
import { asFailure } from '../../src/drivers/failure.ts';

const planted = { inline: 'planted-inline-value', multiline: '-----BEGIN KEY-----\nplanted-second-line\n', tsig: 'cGxhbnRlZC10c2lnLWtleQ==' };
const forms = [planted.inline, 'planted-second-line', planted.tsig, Buffer.from(planted.inline).toString('base64')];

let directory: string;
let program: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-echo-'));
  program = join(directory, 'echo');
  await writeFile(program, echoing(join(directory, 'given')));
  await chmod(program, 0o700);
});
afterEach(() => rm(directory, { recursive: true }));

/** Tells its version. For all else: writes what it was given to a file, prints it in several ways, and ends with 1. */
function echoing(file: string): string {
  return `#!${process.execPath}
if (process.argv[2] === 'version') process.exit(0);
const fs = require('node:fs');
const input = fs.readFileSync(0, 'utf8');
fs.writeFileSync(${JSON.stringify(file)}, JSON.stringify({ args: process.argv.slice(2), env: process.env, input }));
console.log(input);
console.error('Error: ' + input + ' ' + process.argv.join(' '));
if (input.startsWith('{')) {
  const values = JSON.parse(input);
  console.error(JSON.stringify(values, null, 2));
  console.error('password: ' + Buffer.from(values.database.password).toString('base64'));
  console.error(values.tls[0].split('\\n').map((line) => '    ' + line).join('\\n'));
}
process.exitCode = 1;
`;
}

// Without limits: this program is Node itself, which needs more than Helm may have.
const run: RunProcess = (command) => runProcess({ ...command, file: program, limits: undefined });

interface Given {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
}

async function given(): Promise<Given> {
  return JSON.parse(await readFile(join(directory, 'given'), 'utf8')) as Given;
}

/** All that anybody could print of an error: its texts, its fields, its causes, its stack, and what the user is shown. */
async function everythingOf(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.then(() => 'it went well', (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  const failure = asFailure(error);
  return [inspect(error, { depth: null, showHidden: true }), String(error), JSON.stringify(error), inspect(failure, { depth: null }), JSON.stringify(failure.facts)].join('\n');
}

function expectNoSecret(text: string): void {
  for (const form of forms) expect(text).not.toContain(form);
}

const chart = { directory: '/charts/portal', name: 'portal', version: '1.2.3', origin: './chart', identity: 'sha256:0' };
const request: ReleaseRequest = {
  name: 'prod-2hpwr',
  namespace: 'prod-2hpwr',
  chart,
  values: [{ database: { password: planted.inline } }, { tls: [planted.multiline] }],
  signal: new AbortController().signal,
};

it.each(['install', 'render'] as const)('helm %s: values come by standard input alone, and no error repeats them', async (method) => {
  const helm = helmCli({ run, timeoutMs: 20_000 });
  expectNoSecret(await everythingOf(helm[method](request)));
  const { args, env, input } = await given();
  expect(input).toContain(planted.inline);
  expectNoSecret(JSON.stringify([args, env]));
});

it('nsupdate: the key comes by standard input alone, and no error repeats it', async () => {
  const server = { address: '192.0.2.53', port: 53, name: 'ns1' };
  const zone = { id: 'example.org', origin: 'example.org.', servers: [server] };
  const key = { name: 'mover', algorithm: 'hmac-sha256', secret: planted.tsig };
  const input = changeScript({ server, zone, key }, { expected: [], desired: [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.1'] }] });
  expectNoSecret(await everythingOf(nsupdate({ server, zone, input, secret: key.secret, run, timeoutMs: 20_000 })));
  const seen = await given();
  expect(seen.input).toContain(planted.tsig);
  expectNoSecret(JSON.stringify([seen.args, seen.env]));
});

it('a program that is ended because time is up shows nothing either', async () => {
  await writeFile(program, `#!${process.execPath}\nprocess.stderr.write(require('node:fs').readFileSync(0, 'utf8'));\nsetInterval(() => undefined, 1000);\n`);
  const impatient: RunProcess = (command) => runProcess({ ...command, file: program, timeoutMs: 1_500 });
  const text = await everythingOf(helmCli({ run: impatient, timeoutMs: 20_000 }).install(request));
  expect(text).toContain('not done after 1.5 s');
  expectNoSecret(text);
});

it('nothing is left in a file: neither by what ended well, nor by what failed or was killed', async () => {
  const temporary = join(directory, 'tmp');
  await mkdir(temporary);
  vi.stubEnv('TMPDIR', temporary);
  try {
    const impatient: RunProcess = (command) => runProcess({ ...command, file: program, timeoutMs: 300 });
    const helm = helmCli({ run, timeoutMs: 20_000, workDirectory: join(temporary, 'work') });
    await everythingOf(helm.install(request));
    await everythingOf(helm.render(request));
    await everythingOf(helmCli({ run: impatient, timeoutMs: 20_000 }).install(request));
    const files = (await readdir(temporary, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) expectNoSecret(await readFile(join(parentPath, name), 'utf8'));
    expect(files).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
  }
});
