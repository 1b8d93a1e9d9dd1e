// Starts the program in pods of its image, and of another one in turn: until it ends, or until the API server hears of it.
// The audit log is the referee; the pods stand by, so that neither the scheduler nor the container runtime is measured.

import { execa } from 'execa';
import { buildRunnerImage } from '../image/build.ts';
import { currentCommit } from '../image/commit.ts';
import { cluster } from '../examples/demo/commands.ts';
import { sharedLayers } from '../examples/demo/environment.ts';
import { parseAudit } from './audit.ts';
import { followLog, makeNamespace, root, type Bench } from './embedded.ts';
import { byKubelet, withPriority, type Inside } from './inside.ts';

export interface StartRound {
  readonly image: string;
  readonly versionMs: number;
  readonly helpMs: number;
  /** From the start of `changeover status` to its first request, as the API server received it. */
  readonly firstRequestMs: number;
}

export interface StartOptions {
  readonly rounds: number;
  /** A docker-archive of the runner, as `npm run image` makes it. */
  readonly beside: string | undefined;
  /** For a machine that others use as well. */
  readonly hasPriority: boolean;
}

const namespace = 'bench-start';

export async function measureStarts(bench: Bench, { rounds, beside, hasPriority }: StartOptions): Promise<readonly StartRound[]> {
  const { archive, reference } = await buildRunnerImage({ commit: await currentCommit(root) });
  const images = [{ image: 'this image', archive, reference }, ...(beside === undefined ? [] : [{ image: 'the other image', archive: beside, reference: await referenceOf(beside) }])];
  for (const one of images) await cluster('import', one.archive);
  await makeNamespace(bench, namespace);
  await bench.kubectl('create', 'configmap', 'configuration', '-n', namespace, ...sharedLayers.map((file) => `--from-file=${file}`));
  const pods = await Promise.all(images.map(({ image, reference: name }, index) => startPod(bench, { image, reference: name, pod: `start-${index}` })));
  const inside = (hasPriority ? withPriority : byKubelet)({ kubectl: bench.kubectl, namespace });
  const measured: StartRound[] = [];
  // The first round finds files that nobody has read yet, and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    const inTurn = round % 2 === 0 ? pods : pods.toReversed();
    for (const pod of inTurn) measured.push(await measureOne(bench, pod, inside));
  }
  await bench.kubectl('delete', 'namespace', namespace);
  return measured.slice(pods.length);
}

async function referenceOf(archive: string): Promise<string> {
  const { stdout } = await execa('tar', ['--extract', '--to-stdout', '--file', archive, 'manifest.json']);
  const [{ RepoTags: [reference] = [] } = {}] = JSON.parse(stdout) as readonly { readonly RepoTags?: readonly string[] }[];
  if (reference === undefined) throw new Error(`${archive} names no image`);
  return reference;
}

interface Pod {
  readonly image: string;
  readonly reference: string;
  readonly pod: string;
}

/** As strict as the chart's, with an account of its own, by which the audit log knows it. */
async function startPod({ connection, kubectl }: Bench, target: Pod): Promise<Pod> {
  const { pod, reference } = target;
  const securityContext = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const volumeMounts = [{ name: 'configuration', mountPath: '/etc/changeover' }, { name: 'tmp', mountPath: '/tmp' }];
  const container = { name: 'changeover', image: reference, imagePullPolicy: 'Never', command: ['/usr/local/bin/node', '-e', 'setInterval(() => {}, 1e6)'], securityContext, volumeMounts };
  const volumes = [{ name: 'configuration', configMap: { name: 'configuration' } }, { name: 'tmp', emptyDir: {} }];
  const spec = { serviceAccountName: pod, terminationGracePeriodSeconds: 0, containers: [container], volumes };
  await kubectl('create', 'serviceaccount', pod, '-n', namespace);
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: pod, namespace }, spec });
  await execa(`${connection.binDir}/kubectl`, ['apply', '-f', '-'], { input, env: { KUBECONFIG: connection.kubeconfig } });
  await kubectl('wait', '-n', namespace, '--for=condition=Ready', `pod/${pod}`, '--timeout=60s');
  return target;
}

/** Runs in the pod: as near to the start as one can be. Times are in milliseconds since 1970, with fractions. */
const stopwatch = `
  const now = () => performance.timeOrigin + performance.now();
  const run = (...args) => {
    const startedAt = now();
    require('node:child_process').spawnSync(process.execPath, ['/usr/lib/changeover/main.mjs', ...args], { stdio: 'ignore' });
    return { startedAt, ms: now() - startedAt };
  };
  const files = ['demo-base.yaml', 'demo.yaml'].flatMap((name) => ['-f', '/etc/changeover/' + name]);
  console.log(JSON.stringify({ version: run('--version'), help: run('--help'), status: run('status', ...files) }));
`;

interface Watched {
  readonly startedAt: number;
  readonly ms: number;
}

async function measureOne({ connection }: Bench, { image, pod }: Pod, inside: Inside): Promise<StartRound> {
  const audit = await followLog(connection.auditLog);
  const told = await inside(pod, ['/usr/local/bin/node', '-e', stopwatch]);
  const { version, help, status } = JSON.parse(told) as Readonly<Record<'version' | 'help' | 'status', Watched>>;
  const user = `system:serviceaccount:${namespace}:${pod}`;
  const received = parseAudit(await audit()).filter((event) => event.user === user && event.receivedAt >= status.startedAt).map(({ receivedAt }) => receivedAt);
  if (received.length === 0) throw new Error(`the API server has not heard of ${pod}`);
  return { image, versionMs: version.ms, helpMs: help.ms, firstRequestMs: Math.min(...received) - status.startedAt };
}
