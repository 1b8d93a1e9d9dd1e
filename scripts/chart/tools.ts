// The programs that check the chart and the schedule: built from pinned Go modules, or installed from PyPI, once for each state
// of their pins, outside of the checkout. Go is the embedded cluster's, Python the machine's or Debian's; what cannot be had is told
// instead.

import { execa } from 'execa';
import { access, mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sourceHash } from '../../cluster/build.ts';
import { aptInstall, findGo, installTools, intoPlace, locate, toolsBinDir } from '../../cluster/packages.ts';
import { buildDir, toolsDir } from '../../cluster/paths.ts';

const modulesDir = join(import.meta.dirname, '..', '..', 'tools');

/** A program, or why there is none. */
export type Found = { readonly path: string } | { readonly reason: string };

export interface Tools {
  readonly helm: Found;
  readonly go: Found;
  readonly unittest: Found;
  readonly docs: Found;
  readonly conform: Found;
  readonly score: Found;
  readonly checkov: Found;
}

/** Builds and installs what is not there yet: about two minutes the first time, nothing later. */
export async function findTools(log: (line: string) => void): Promise<Tools> {
  const go: Found = await findGo(log).then((path) => ({ path }), because);
  // pip waits for the network while Go compiles.
  const [helm, checkov, [unittest, docs, conform, score]] = await Promise.all([findHelm(), findCheckov(log), goPrograms(go, log)]);
  return { helm, go, unittest, docs, conform, score, checkov };
}

/** `chart`: helm-unittest, helm-docs, kubeconform. `kube-score` needs an older Kubernetes, so it has a module of its own. */
export type GoModule = 'chart' | 'cron' | 'kube-score';

/** The directory of the module's programs; builds them when this state of the module was never built here. */
export async function goTools(module: GoModule, go: string): Promise<string> {
  const source = join(modulesDir, module);
  const directory = buildDir(`${module}-${await sourceHash(source)}`);
  if (await exists(directory)) return directory;
  await intoPlace(directory, async (staging) => {
    // Without symbols, since linking is a good part of the wait.
    const flags = ['-ldflags', '-s -w', '-gcflags', 'all=-dwarf=false'];
    await execa(go, ['build', ...flags, '-o', `${staging}/`, module === 'cron' ? '.' : 'tool'], { cwd: source, env: { CGO_ENABLED: '0' } });
  });
  return directory;
}

/** The embedded cluster's own. */
async function findHelm(): Promise<Found> {
  return await installTools(() => undefined).then((directory) => ({ path: join(directory, 'helm') }), because);
}

/** Where it is there already: a fast test fetches nothing. */
export async function presentHelm(): Promise<string | undefined> {
  const helm = join(toolsBinDir, 'helm');
  return (await exists(helm)) ? helm : undefined;
}

async function goPrograms(go: Found, log: (line: string) => void): Promise<readonly [Found, Found, Found, Found]> {
  if (!('path' in go)) return [go, go, go, go];
  const told = async (module: GoModule): Promise<string> => {
    if (!(await exists(buildDir(`${module}-${await sourceHash(join(modulesDir, module))}`)))) log(`building tools/${module}, once (about a minute)`);
    return await goTools(module, go.path);
  };
  try {
    const chart = await told('chart');
    const score = await told('kube-score');
    return [{ path: join(chart, 'helm-unittest') }, { path: join(chart, 'helm-docs') }, { path: join(chart, 'kubeconform') }, { path: join(score, 'kube-score') }];
  } catch (error) {
    const failed = because(error);
    return [failed, failed, failed, failed];
  }
}

/** In a virtual environment of its own, which is not moved into place: it knows its own path. */
async function findCheckov(log: (line: string) => void): Promise<Found> {
  const pins = join(modulesDir, 'checkov', 'requirements.txt');
  const hash = createHash('sha256').update(await readFile(pins)).digest('hex').slice(0, 16);
  const directory = toolsDir(`checkov-${hash}`);
  const whole = join(directory, 'installed');
  const program = { path: join(directory, 'bin', 'checkov') };
  if (await exists(whole)) return program;
  log('installing checkov, once (about half a minute)');
  try {
    if (!(await canMakeEnvironments())) await aptInstall(['python3-venv']);
    await execa('python3', ['-m', 'venv', '--clear', directory]);
    await execa(join(directory, 'bin', 'pip'), ['install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', pins]);
    await mkdir(whole);
    return program;
  } catch (error) {
    return because(error);
  }
}

/** Debian has it in a package apart from Python. */
async function canMakeEnvironments(): Promise<boolean> {
  return (await locate('python3')) !== undefined && !(await execa('python3', ['-c', 'import ensurepip, venv'], { reject: false })).failed;
}

/** Only the first lines: a compiler says much. */
function because(error: unknown): { readonly reason: string } {
  return { reason: (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 3).join('; ') };
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
