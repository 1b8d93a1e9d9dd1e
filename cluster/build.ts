// Builds the cluster's binaries from the pinned Go modules, once for each state of the sources. It never installs Go.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { access, chmod, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from './command.ts';
import { noteUse, removeOldBuilds } from './old-builds.ts';
import { intoPlace } from './packages.ts';
import { buildDir, goDir } from './paths.ts';

export const kubernetesVersion = 'v1.35.4';

const version = 'k8s.io/component-base/version';
const [major = '', minor = ''] = kubernetesVersion.slice(1).split('.');

/** Without symbols, since linking is a good part of the wait; with the version that clients ask for. */
const linkFlags = [
  '-s',
  '-w',
  `-X ${version}.gitVersion=${kubernetesVersion}`,
  `-X ${version}.gitMajor=${major}`,
  `-X ${version}.gitMinor=${minor}`,
].join(' ');

/** A tenth less work for the compiler; nobody debugs these binaries. */
const compileFlags = 'all=-dwarf=false';

/** The compiler's lives are short: it collects garbage only where one of them would need more than this. A quarter less time. */
const garbage = { GOGC: 'off', GOMEMLIMIT: '2GiB' };

/** Returns the path of the `kubernetes` binary; `pause` lies beside it. */
export async function build(go: () => Promise<string>, log: (line: string) => void): Promise<string> {
  const directory = buildDir(await sourceHash(goDir));
  const binary = join(directory, 'kubernetes');
  const isBuilt = await access(binary).then(() => true, () => false);
  if (!isBuilt) {
    const toolchain = await go();
    await intoPlace(directory, async (staging) => {
      await compile({ go: toolchain, output: staging, log });
      await chmod(staging, 0o755);
    });
    await removeOldBuilds(directory).catch((error: unknown) => log(`older builds stay, for they could not be removed: ${String(error)}`));
  }
  await noteUse(directory);
  return binary;
}

/** Changes when anything that goes into the binaries changes, and with nothing else. */
export async function sourceHash(directory: string): Promise<string> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => /\.(go|mod|sum)$/.test(name));
  const hash = createHash('sha256').update([process.arch, compileFlags, linkFlags, ''].join('\n'));
  for (const name of names.sort()) {
    hash.update(`${name}\0`).update(await readFile(join(directory, name))).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** The list of packages is asked for first: it fetches the modules, and its length makes the estimate possible. */
async function compile(options: { go: string; output: string; log: (line: string) => void }): Promise<void> {
  const { go, output, log } = options;
  log('fetching Go modules');
  const env = { CGO_ENABLED: '0' };
  const packages = await run([go, 'list', '-deps', '.', './pause'], { cwd: goDir, env });
  const total = packages.split('\n').length;
  log(`building Kubernetes ${kubernetesVersion}, etcd and CoreDNS: ${total} packages, about four minutes on two cores`);
  const argv = ['build', '-v', '-gcflags', compileFlags, '-ldflags', linkFlags, '-o', `${output}/`, '.', './pause'];
  const child = spawn(go, argv, { cwd: goDir, env: { ...process.env, ...env, ...garbage }, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const progress = new Progress(total, log);
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    printed.push(line);
    progress.advance();
  }
  const code = await ended;
  if (code !== 0) throw new Error(`go build failed (exit code ${code}):\n${printed.slice(-20).join('\n')}`);
}

/** A line now and then: what is done, and how long the rest may take at the pace so far. */
class Progress {
  readonly #started = performance.now();
  readonly #total: number;
  readonly #log: (line: string) => void;
  #done = 0;
  #reported = 0;

  constructor(total: number, log: (line: string) => void) {
    this.#total = total;
    this.#log = log;
  }

  advance(): void {
    this.#done++;
    const elapsed = (performance.now() - this.#started) / 1000;
    if (elapsed - this.#reported < 15) return;
    this.#reported = elapsed;
    this.#log(progressLine({ done: this.#done, total: this.#total, elapsedSeconds: elapsed }));
  }
}

/** Packages that the Go cache has count as done only by not being waited for: the estimate then errs on the long side. */
export function progressLine(state: { done: number; total: number; elapsedSeconds: number }): string {
  const { done, total, elapsedSeconds } = state;
  // The link comes after the last package and takes about ten seconds.
  const rest = Math.round((elapsedSeconds * Math.max(0, total - done)) / Math.max(1, done)) + 10;
  return `  ${done} of ${total} packages after ${Math.round(elapsedSeconds)} s, about ${rest} s to go`;
}
