// The programs that runs start, played on the simulated world behind the real drivers. Keeps what they are given and what lies in readable
// files meanwhile; one that fails repeats all it knows.

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { DnsProvider, Zone } from '../../src/drivers/dns/dns.ts';
import { nsupdate } from '../../src/drivers/dns/nsupdate.ts';
import { changeScript, type ScriptOptions } from '../../src/drivers/dns/nsupdate-script.ts';
import { parseTsigKey } from '../../src/drivers/dns/tsig-key.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { installerAccount } from '../../src/drivers/helm/account.ts';
import type { Helm } from '../../src/drivers/helm/helm.ts';
import { helmCli, helmEnvironment } from '../../src/drivers/helm/helm-cli.ts';
import { helmMeter } from '../../src/drivers/helm/meter.ts';
import { runProcess, type Command, type RunProcess } from '../../src/drivers/process.ts';
import { installerName } from '../../src/plan/runner-names.ts';

export interface Programs {
  /** In order. */
  readonly started: readonly Command[];
  /** Those that Helm was given as the installer. */
  readonly tokens: readonly string[];
  /** What others could have read in files while a program ran. */
  readonly readable: readonly string[];
  /** Helm and nsupdate by the real drivers, which ask for the TSIG key each time. */
  connect(drivers: Drivers, readKey: () => Promise<string>): Drivers;
  /** Paths of what a run has left among the temporary files when it is over. */
  left(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Until closed, the folder for temporary files is one of its own. */
export async function playedPrograms(): Promise<Programs> {
  const directory = await mkdtemp(join(tmpdir(), 'changeover-programs-'));
  const [temporary, failing] = [join(directory, 'temporary'), join(directory, 'failing')];
  // As `main.ts` chooses it and removes it.
  const workDirectory = join(temporary, 'changeover-1');
  await mkdir(temporary);
  await writeFile(failing, repeating);
  await chmod(failing, 0o700);
  vi.stubEnv('TMPDIR', temporary);
  const started: Command[] = [];
  const tokens: string[] = [];
  const readable: string[] = [];
  const played = (play: (command: Command) => Promise<string>): RunProcess => async (command) => {
    started.push(command);
    readable.push(...(await readableIn(temporary)));
    try {
      return { stdout: await play(command), stderr: '', exitCode: 0 };
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      return runProcess({ ...command, file: failing, env: { ...command.env, SAID: error.detail ?? '' }, limits: undefined });
    }
  };
  return {
    started,
    tokens,
    readable,
    connect: (drivers, readKey) => {
      const helms = { run: played, workDirectory, tokens };
      return { ...drivers, ...helmsOf(drivers, helms), dns: { ...drivers.dns, change: (zone, change) => update(zone, change, { drivers, readKey, played }) } };
    },
    left: async () => {
      await rm(workDirectory, { recursive: true, force: true });
      return readdir(temporary, { recursive: true });
    },
    close: () => {
      vi.unstubAllEnvs();
      return rm(directory, { recursive: true });
    },
  };
}

const repeating = `#!/bin/sh
printf '%s\\nError: %s %s\\n' "$SAID" "$*" "$HELM_KUBETOKEN" >&2
cat >&2
exit 1
`;

type Played = (play: (command: Command) => Promise<string>) => RunProcess;

interface HelmsOptions {
  readonly run: Played;
  readonly workDirectory: string;
  readonly tokens: string[];
}

/** As the registry makes them. */
function helmsOf({ cluster, helm, helmAsInstaller }: Drivers, { run, workDirectory, tokens }: HelmsOptions): Pick<Drivers, 'helm' | 'helmAsInstaller'> {
  const token: typeof cluster.token = async (account, lifeMs) => {
    const made = await cluster.token(account, lifeMs);
    tokens.push(made);
    return made;
  };
  const endpoint = { server: 'https://simulated:6443', authority: { pem: 'of the simulated cluster' }, tlsServerName: undefined, skipTlsVerify: false, proxyUrl: undefined };
  const account = installerAccount({ cluster: { token }, endpoint, name: installerName, workDirectory });
  const usual = { timeoutMs: 300_000, workDirectory };
  const own = run((command) => playHelm(helm, command));
  const meter = helmMeter({ ...usual, run: own, file: 'helm', env: helmEnvironment });
  return {
    helm: { ...helmCli({ ...usual, run: own, meter }), chart: (source) => helm.chart(source) },
    helmAsInstaller: { ...helmCli({ ...usual, run: run((command) => playHelm(helmAsInstaller, command)), meter, account }), chart: (source) => helm.chart(source) },
  };
}

async function playHelm(helm: Helm, { args, input = '{}', signal = new AbortController().signal }: Command): Promise<string> {
  const [verb, name = '', directory = ''] = args;
  const namespace = args[args.indexOf('--namespace') + 1] ?? '';
  const values = [JSON.parse(input) as Readonly<Record<string, unknown>>];
  const request = { name, namespace, chart: { directory, name: '', version: '', origin: '', identity: '' }, values, signal };
  switch (verb) {
    case 'version':
      return helm.version();
    case 'template':
      return documents(await helm.render(request));
    case 'list':
      return JSON.stringify(await helm.list(namespace));
    case 'get':
      return documents(await helm.manifest(directory, namespace));
    case 'install':
      await helm.install(request);
      return '';
    case 'uninstall':
      await helm.uninstall(name, namespace, { signal });
      return '';
    default:
      throw new Error(`nobody plays helm ${verb ?? ''}`);
  }
}

function documents(objects: readonly object[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');
}

interface UpdateOptions {
  readonly drivers: Drivers;
  readonly readKey: () => Promise<string>;
  readonly played: Played;
}

/** As the driver for RFC 2136 does it, which asks real servers about everything else. */
async function update(zone: Zone, change: Parameters<DnsProvider['change']>[1], { drivers, readKey, played }: UpdateOptions): Promise<void> {
  const key = parseTsigKey(await readKey());
  const [server] = zone.servers;
  if (server === undefined) throw new Error('the zone has no servers');
  const options: ScriptOptions = { server, zone, key };
  const run = played(async () => {
    await drivers.dns.change(zone, change);
    return '';
  });
  await nsupdate({ server, zone, input: changeScript(options, change), secret: key.secret, run, timeoutMs: 10_000 });
}

async function readableIn(directory: string): Promise<readonly string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const others = await Promise.all(files.map(async (file) => ({ file, mode: (await stat(file)).mode })));
  return Promise.all(others.filter(({ mode }) => (mode & 0o077) !== 0).map(async ({ file }) => `${file}: ${await readFile(file, 'utf8')}`));
}
