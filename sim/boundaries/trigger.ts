// `changeover trigger` without its talk: starts the installed runner as a Job and follows it. The pods of such Jobs are processes here.

import { Failure } from '../../src/errors.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { followJob } from '../../src/follow/job.ts';
import { verdictOf } from '../../src/follow/sight.ts';
import { labels } from '../../src/plan/ownership.ts';
import { runnerName } from '../../src/plan/runner-names.ts';
import type { Job } from '../../src/readiness/shapes.ts';
import { listJobs, startJob } from '../../src/session/jobs.ts';
import type { Session } from '../../src/session/session.ts';
import { endPod } from '../cluster/pods.ts';
import { isRequest, succeeded } from '../invariants/scene.ts';
import type { Production } from '../production.ts';
import type { SimulatedWorld } from '../world.ts';

export const runnerNamespace = 'changeover';
const container = 'changeover';

/** As the chart makes it, as far as the program looks at it. The simulator's CronJobs start nothing by themselves. */
export const runnerCronJob: KubernetesObject = {
  apiVersion: kinds.cronJob.apiVersion,
  kind: kinds.cronJob.kind,
  metadata: { name: runnerName('prod'), namespace: runnerNamespace, labels: { [labels.environment]: 'prod' } },
  spec: {
    schedule: '0 2 * * *',
    jobTemplate: {
      metadata: { labels: { [labels.environment]: 'prod' } },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: container, image: 'changeover:1' }] } } },
    },
  },
};

/** Whoever is told that a Job is active already follows that one, as he is told. Resolves with how the Job ended. */
export async function trigger(session: Session): Promise<string> {
  const { environment, drivers: { cluster }, clock, stop: signal, say } = session;
  const { metadata } = await startJob(session, 'rebuild').catch((error: unknown) => activeJob(error, session));
  const { verdict } = await followJob({ cluster, clock, signal, namespace: environment.runner.namespace, job: metadata.name, container, onLine: () => undefined, say });
  if (verdict === undefined) return 'lost';
  return verdict.succeeded ? 'succeeded' : 'failed';
}

async function activeJob(error: unknown, session: Session): Promise<Job> {
  const job = error instanceof Failure && error.code === 'JobActive' ? (await listJobs(session)).at(-1) : undefined;
  if (job === undefined) throw error;
  return job;
}

/** From now on each pod of the runner is a rebuild in a process of its own, and ends as that does. */
export function runPods({ world, command }: Production): void {
  const { inside } = world.cluster;
  world.cluster.behaviours.set(`${runnerNamespace}/Job/${container}`, { outcome: 'never' });
  inside.store.subscribe(({ type, kind, object }) => {
    if (type !== 'ADDED' || kind.kind !== kinds.pod.kind || object.metadata.namespace !== runnerNamespace) return;
    world.clock.after(1_000, () => {
      void command({ operation: 'rebuild' }, { holder: `${object.metadata.name}/1` })
        .then((performed) => performed?.exitCode ?? 137, () => 1)
        .then((exitCode) => endPod(inside, object, exitCode));
    });
  });
}

/** What must not happen with the runner's Jobs, one line each: two at once, or two for one request. */
export function watchRunnerJobs({ cluster: { inside: { store } }, onTraffic }: SimulatedWorld): () => readonly string[] {
  const problems: string[] = [];
  const makers = new Set<number>();
  store.subscribe(({ type, kind, object }) => {
    if (type !== 'ADDED' || kind.kind !== kinds.job.kind || object.metadata.namespace !== runnerNamespace) return;
    const active = store.all(kinds.job, runnerNamespace).filter((job) => job.metadata.name !== object.metadata.name && verdictOf(job as Job) === undefined);
    problems.push(...active.map((job) => `Job ${object.metadata.name} was made while Job ${job.metadata.name} had not ended`));
  });
  onTraffic((traffic) => {
    const { request, moment, input } = traffic;
    if (moment !== 'done' || !isRequest(request, 'cluster', 'create') || !succeeded(traffic)) return;
    const { kind, metadata } = input[1] as KubernetesObject;
    if (kind !== kinds.job.kind || metadata.namespace !== runnerNamespace) return;
    if (makers.has(request.process)) problems.push(`process ${request.process} has made a second Job: ${request.text}`);
    makers.add(request.process);
  });
  return () => problems;
}

/** A Job of the runner that is over, or a pod of one: it stays for as long as the CronJob's history says. */
export function isOldJob({ kind, metadata, status }: KubernetesObject): boolean {
  if (metadata.namespace !== runnerNamespace) return false;
  const { phase = '', conditions = [] } = (status ?? {}) as { readonly phase?: string; readonly conditions?: readonly { readonly type: string }[] };
  if (kind === kinds.pod.kind) return phase === 'Succeeded' || phase === 'Failed';
  return kind === kinds.job.kind && conditions.some(({ type }) => type === 'Complete' || type === 'Failed');
}
