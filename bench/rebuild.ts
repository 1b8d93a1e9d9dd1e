// Rebuilds the example application in the environment `bench`, and measures it from outside: clock, audit log, /proc, BIND.

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { writeDemoLayer } from '../examples/demo/environment.ts';
import type { RunRecord } from '../src/run/record.ts';
import { countRequests, isOfHelm, lastStatusWrite, parseAudit, preciseTime, type AuditEvent, type RequestCount } from './audit.ts';
import { environment, followLog, identity, oneZone, otherZone, processEnvironment, root, runnerNamespace, type Bench } from './embedded.ts';
import { pollNames, type Polling } from './names.ts';
import { parseUpdates, polledSpread, zoneChanges, type Polled, type ZoneChanges } from './switching.ts';
import { timelineOf, type Timeline, type Wait } from './timeline.ts';

export interface RebuildRound {
  readonly timeline: Timeline;
  readonly own: RequestCount;
  readonly helm: RequestCount;
  /** Objects of the kinds that are followed, in the new release. */
  readonly objects: number;
  readonly peakBytes: number;
  readonly zones: readonly ZoneChanges[];
  /** All names, both zones, both servers; undefined when it was not seen whole. */
  readonly polledSpreadMs: number | undefined;
}

const soakMs = 5_000;

/** The first rebuild finds no names and no release, so it is not counted among the rounds. */
export async function measureRebuilds(bench: Bench, rounds: number): Promise<readonly RebuildRound[]> {
  const files = await writeLayer(bench);
  await rebuildOnce(bench, files);
  const measured: RebuildRound[] = [];
  while (measured.length < rounds) measured.push(await measureOne(bench, files));
  return measured;
}

async function writeLayer({ connection, directory, image }: Bench): Promise<readonly string[]> {
  const services = ['ingress', 'search-ingress', 'ingress'];
  return writeDemoLayer(connection, directory, {
    environment,
    dns: [...oneZone.map((name, index) => ({ zone: 'example.test', name, service: services[index], ttl: 5 })), { zone: 'second.test', name: otherZone, service: 'ingress', ttl: 5 }],
    release: { values: [{ inline: { image } }] },
    verify: { http: [{ url: `http://${withoutDot(oneZone[0])}/`, bodyContains: '<title>' }, { url: `http://${withoutDot(oneZone[1])}/search?q=a`, bodyMatches: `"release":\\s*"${environment}-` }] },
    drain: { soak: `${soakMs / 1_000}s`, every: '1s' },
    runner: { namespace: runnerNamespace },
  });
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

async function measureOne(bench: Bench, files: readonly string[]): Promise<RebuildRound> {
  const { auditLog, dns } = bench.connection;
  const [audit, updates] = await Promise.all([followLog(auditLog), followLog(dns.primary.updateLog)]);
  const run = await rebuildOnce(bench, files);
  await setTimeout(1_000);
  const events = parseAudit(await audit()).filter(({ receivedAt }) => receivedAt >= run.spawnedAt);
  const record = await readRecord(bench, files);
  const { candidate } = planOf(record);
  const requests = events.filter(({ user, receivedAt }) => user === identity && receivedAt <= run.exitedAt);
  const loadMs = await loadLength(bench, candidate, events);
  const readyBy = Date.parse(record.steps.find(({ name }) => name === 'waitUntilReady')?.endedAt ?? '');
  const lastReady = lastStatusWrite(events, { namespace: candidate, before: readyBy });
  const helmWrote = requests.find((event) => isOfHelm(event) && event.namespace === candidate && event.verb === 'create');
  if (lastReady === undefined || helmWrote === undefined) throw new Error(`the audit log does not tell how ${candidate} came up`);
  const moved = parseUpdates(await updates()).filter(({ name }) => [...oneZone, otherZone].includes(name));
  return {
    timeline: timelineOf({ ...run, record, loadMs, soakMs, waits: waitsIn(events, record), helmWroteAt: helmWrote.receivedAt, lastReadyAt: lastReady.receivedAt }),
    own: countRequests(requests.filter((event) => !isOfHelm(event))),
    helm: countRequests(requests.filter(isOfHelm)),
    objects: await countObjects(bench, candidate),
    peakBytes: run.peakBytes,
    zones: zoneChanges(moved),
    polledSpreadMs: polledSpread(run.polls),
  };
}

interface Run {
  readonly spawnedAt: number;
  readonly exitedAt: number;
  readonly peakBytes: number;
  readonly polls: readonly Polled[];
}

async function rebuildOnce(bench: Bench, files: readonly string[]): Promise<Run> {
  const spawnedAt = Date.now();
  const child = execa(process.execPath, argumentsOf('rebuild', files, '--log', 'json'), { cwd: root, env: processEnvironment(bench), reject: false, buffer: { stdout: false } });
  const memory = watchMemory(child.pid);
  let polling: Polling | undefined;
  let polls: readonly Polled[] = [];
  for await (const line of child.iterable({ from: 'stderr' })) {
    if (isEvent(line, 'stepStarted', 'swapNames')) polling = startPolling(bench);
    // The step has read every server back by then, and so have the polls, which are more frequent.
    if (isEvent(line, 'stepDone', 'swapNames')) polls = (await polling?.stop()) ?? [];
  }
  const { exitCode, stderr } = await child;
  const exitedAt = Date.now();
  const peakBytes = memory.stop();
  if (exitCode !== 0) throw new Error(`the rebuild ended with exit code ${exitCode}:\n${stderr}`);
  return { spawnedAt, exitedAt, peakBytes, polls };
}

function argumentsOf(command: string, files: readonly string[], ...more: readonly string[]): readonly string[] {
  return ['src/main.ts', command, ...files.flatMap((file) => ['-f', file]), ...more];
}

function isEvent(line: string, type: string, step: string): boolean {
  return line.includes(`"type":"${type}"`) && line.includes(`"step":"${step}"`);
}

function startPolling({ connection: { dns } }: Bench): Polling {
  const servers = [dns.primary, dns.secondary].map(({ address, port }) => ({ address, port, name: address }));
  return pollNames({ servers, names: [...oneZone, otherZone], everyMs: 10, atMostMs: 60_000 });
}

/** VmHWM is a high-water mark: only what the process took in its last moment can escape. Source: proc_pid_status(5). */
function watchMemory(pid: number | undefined): { stop(): number } {
  let peakBytes = 0;
  const timer = setInterval(() => {
    try {
      const [, kibibytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peakBytes = Math.max(peakBytes, Number(kibibytes) * 1_024);
    } catch {
      // It has ended.
    }
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

async function readRecord(bench: Bench, files: readonly string[]): Promise<RunRecord> {
  const { stdout } = await execa(process.execPath, argumentsOf('history', files, '-o', 'json'), { cwd: root, env: processEnvironment(bench) });
  const [record] = JSON.parse(stdout) as readonly RunRecord[];
  if (record === undefined) throw new Error('the rebuild left no record');
  return record;
}

/** A record's plan is JSON of any version; this is the part that is needed here. */
function planOf({ plan }: RunRecord): { readonly candidate: string; readonly previous: { readonly name: string } } {
  return plan as ReturnType<typeof planOf>;
}

/** From Helm's request to the cluster's own last word. */
function waitsIn(events: readonly AuditEvent[], record: RunRecord): readonly Wait[] {
  const { candidate, previous } = planOf(record);
  const testPod = events.find((event) => isOfHelm(event) && event.namespace === candidate && event.resource === 'pods' && event.subresource === undefined && ['create', 'patch'].includes(event.verb));
  const testPodEnds = events.filter((event) => event.namespace === candidate && event.name === testPod?.name && event.subresource === 'status');
  const uninstall = events.find((event) => isOfHelm(event) && event.namespace === previous.name && event.verb === 'delete');
  const gone = events.filter((event) => event.name === previous.name && event.subresource === 'finalize');
  return [
    { phase: 'verifyRelease', for: 'the pod of helm test', ms: between(testPod, testPodEnds.at(-1)) },
    { phase: 'retirePrevious', for: 'the previous release to end', ms: between(uninstall, gone.at(-1)) },
  ];
}

function between(from: AuditEvent | undefined, to: AuditEvent | undefined): number {
  if (from === undefined || to === undefined) throw new Error('the audit log does not tell what was waited for');
  return to.receivedAt - from.receivedAt;
}

/** The loader from its creation to its last status, the harvester from the answer to "run" to its last row. */
async function loadLength(bench: Bench, namespace: string, events: readonly AuditEvent[]): Promise<number> {
  const jobs = events.filter(({ namespace: within, resource }) => within === namespace && resource === 'jobs');
  const created = jobs.find(({ verb, user }) => verb === 'create' && user === identity);
  const completed = jobs.filter(({ subresource, name }) => subresource === 'status' && name?.startsWith('loader-')).at(-1);
  const logs = async (target: string): Promise<readonly string[]> => (await bench.kubectl('logs', '-n', namespace, '--timestamps', '--prefix=false', ...target.split(' '))).split('\n');
  const begun = (await logs('-l app=ingress --tail=-1')).find((text) => /POST \S*\/job\/list\/\S+\/run/.test(text));
  const ended = (await logs('deployment/harvester')).findLast((text) => text.endsWith(' rows'));
  if (created === undefined || completed === undefined || begun === undefined || ended === undefined) throw new Error(`nothing tells how long the load of ${namespace} took`);
  return completed.receivedAt - created.receivedAt + logTime(ended) - logTime(begun);
}

/** Of `kubectl logs --timestamps`, with nanoseconds. */
function logTime(line: string): number {
  return preciseTime(line.split(' ')[0] ?? '');
}

async function countObjects({ kubectl }: Bench, namespace: string): Promise<number> {
  const followed = 'pods,services,persistentvolumeclaims,deployments,replicasets,statefulsets,daemonsets,jobs';
  return (await kubectl('get', followed, '-n', namespace, '-o', 'name')).split('\n').filter((name) => name !== '').length;
}
