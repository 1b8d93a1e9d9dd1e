// Who notices first that a release is ready: ReleaseWatch as the step uses it, and `helm install --wait`, A B A B.

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { connectCluster } from '../src/drivers/cluster/client.ts';
import { parseManifest } from '../src/drivers/helm/manifest.ts';
import { judgedKinds } from '../src/readiness/table.ts';
import { systemClock } from '../src/run/system-clock.ts';
import { waitFor } from '../src/run/wait.ts';
import { ReleaseWatch } from '../src/watch/release-watch.ts';
import { lastStatusWrite, parseAudit } from './audit.ts';
import { followLog, makeNamespace, processEnvironment, root, type Bench } from './embedded.ts';

export const watchers = ['changeover', 'helm install --wait'] as const;
export type Watcher = (typeof watchers)[number];

export interface Noticed {
  readonly watcher: Watcher;
  /** From when the API server received the last write that readiness is judged by, so its own work counts as ours. */
  readonly afterMs: number;
}

export interface ReadinessOptions {
  readonly pairs: number;
  /** For so long nothing is written before the pod becomes ready; never so short that it is ready before anybody looks. */
  readonly silentSeconds: number;
}

/** One after the other, the watchers in turn. */
export async function measureReadiness(bench: Bench, { pairs, silentSeconds }: ReadinessOptions): Promise<readonly Noticed[]> {
  const noticed: Noticed[] = [];
  for (const watcher of turns(pairs)) noticed.push(await notice(bench, watcher, silentSeconds));
  return noticed;
}

/** Far enough apart that the end of one does not disturb the next. */
const staggerMs = 7_000;

/** Silent ones wait all at the same time, begun and hence ending one after the other, the watchers in turn. */
export async function measureSilentReadiness(bench: Bench, { pairs, silentSeconds }: ReadinessOptions): Promise<readonly Noticed[]> {
  return Promise.all(
    turns(pairs).map(async (watcher, index) => {
      await setTimeout(index * staggerMs);
      return notice(bench, watcher, silentSeconds);
    }),
  );
}

function turns(pairs: number): readonly Watcher[] {
  return Array.from({ length: pairs }).flatMap(() => watchers);
}

/** The audit log is written while the answer is sent. */
const auditDelayMs = 1_000;

async function notice(bench: Bench, watcher: Watcher, silentSeconds: number): Promise<Noticed> {
  const namespace = `bench-ready-${randomBytes(3).toString('hex')}`;
  const audit = await followLog(bench.connection.auditLog);
  await makeNamespace(bench, namespace);
  try {
    const release = { bench, namespace, silentSeconds };
    const seenAt = watcher === 'changeover' ? await watchRelease(release) : await waitWithHelm(release);
    await setTimeout(auditDelayMs);
    const events = parseAudit(linesAbout(namespace, await audit()));
    const last = lastStatusWrite(events, { namespace, before: seenAt });
    if (last === undefined) throw new Error(`no status was written in ${namespace}`);
    return { watcher, afterMs: seenAt - last.receivedAt };
  } finally {
    await bench.kubectl('delete', 'namespace', namespace, '--wait=false');
  }
}

/** Ten minutes of a whole cluster's log are many; only these are worth parsing. */
function linesAbout(namespace: string, log: string): string {
  return log.split('\n').filter((line) => line.includes(namespace) && line.endsWith('}')).map((line) => `${line}\n`).join('');
}

interface Release {
  readonly bench: Bench;
  readonly namespace: string;
  readonly silentSeconds: number;
}

async function waitWithHelm(release: Release): Promise<number> {
  await helm(release, ...installArguments(release), '--wait', '--timeout', `${release.silentSeconds + 120}s`);
  return systemClock.now();
}

/** What waitUntilReady does between the install and asking the Services. */
async function watchRelease(release: Release): Promise<number> {
  const { bench, namespace, silentSeconds } = release;
  await helm(release, ...installArguments(release));
  const contains = parseManifest(await helm(release, 'get', 'manifest', namespace, '--namespace', namespace), 'the manifest');
  const cluster = await connectCluster({ kubeconfig: bench.kubeconfig });
  const signal = AbortSignal.timeout((silentSeconds + 120) * 1_000);
  const watch = new ReleaseWatch({ cluster, kinds: judgedKinds, expected: { namespace, contains, mayStayUnready: [] }, clock: systemClock, signal });
  const look = async () => {
    const { judgement, stale } = await watch.look();
    return judgement.ready && stale.length === 0 ? ({ done: true, value: systemClock.now() } as const) : ({ done: false, awaited: [] } as const);
  };
  try {
    return await waitFor(look, { clock: watch.clock, signal, timeoutMs: (silentSeconds + 120) * 1_000, pauseMs: () => 1_000 });
  } finally {
    await watch.close();
  }
}

function installArguments({ bench, namespace, silentSeconds }: Release): readonly string[] {
  const values = ['--set', `silentSeconds=${silentSeconds}`, '--set', `image=${bench.image}`];
  return ['install', namespace, join(root, 'bench/chart'), '--namespace', namespace, ...values];
}

async function helm({ bench }: Release, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execa(join(bench.connection.binDir, 'helm'), args, { env: processEnvironment(bench) });
  return stdout;
}
