// The programs that check the chart and the schedule: built from pinned Go modules, or installed from PyPI, once for each state
// of their pins, outside of the checkout. It never installs Go unless it is asked to.

import { execa } from 'execa';
import { access, mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sourceHash } from '../../cluster/build.ts';
import { intoPlace, isGoNewEnough, locate } from '../../cluster/packages.ts';
import { buildDir, toolsDir } from '../../cluster/paths.ts';

const modulesDir = join(import.meta.dirname, '..', '..', 'tools');

/** `chart`: helm-unittest, helm-docs, kubeconform. `kube-score` needs an older Kubernetes, so it has a module of its own. */
export type GoModule = 'chart' | 'cron' | 'kube-score';

/** The machine's Go where it is new enough; undefined where there is none. */
export async function machineGo(): Promise<string | undefined> {
  const go = await locate('go');
  if (go === undefined) return undefined;
  const { stdout, failed } = await execa(go, ['version'], { reject: false });
  return !failed && isGoNewEnough(stdout) ? go : undefined;
}

/** The directory of the module's programs; builds them when this state of the module was never built here. */
export async function goTools(module: GoModule, go: string): Promise<string> {
  const source = join(modulesDir, module);
  const directory = buildDir(`${module}-${await sourceHash(source)}`);
  if (await exists(directory)) return directory;
  await intoPlace(directory, async (staging) => {
    // Without symbols, since linking is a good part of the wait.
    const flags = ['-ldflags', '-s -w', '-gcflags', 'all=-dwarf=false'];
    const what = module === 'cron' ? '.' : 'tool';
    await execa(go, ['build', ...flags, '-o', `${staging}/`, what], { cwd: source, env: { CGO_ENABLED: '0' } });
  });
  return directory;
}

/** The path of checkov in a virtual environment of its own; undefined where Python has no venv. */
export async function checkov(): Promise<string | undefined> {
  const pins = join(modulesDir, 'checkov', 'requirements.txt');
  const hash = createHash('sha256').update(await readFile(pins)).digest('hex').slice(0, 16);
  const directory = toolsDir(`checkov-${hash}`);
  const program = join(directory, 'bin', 'checkov');
  const whole = join(directory, 'installed');
  if (await exists(whole)) return program;
  if ((await locate('python3')) === undefined) return undefined;
  // Not moved into place like the others: a virtual environment knows its own path.
  const { failed } = await execa('python3', ['-m', 'venv', '--clear', directory], { reject: false });
  if (failed) return undefined;
  await execa(join(directory, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '--require-virtualenv', '-r', pins]);
  await mkdir(whole);
  return program;
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
