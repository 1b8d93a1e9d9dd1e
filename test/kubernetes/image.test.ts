// The runner's image as a pod, as strict as Pod Security can be: what is in it starts, it reaches the cluster by its account alone,
// and as process 1 it ends when it is told to.

import { execa } from 'execa';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnerImage } from './support/image.ts';
import { workingSet } from './support/memory.ts';
import { KubernetesWorld } from './support/world.ts';

const environment = 't-image';
const namespace = `changeover-${environment}`;
const pod = 'runner';
/** Two processes 1 to end in different ways. */
const containers = ['first', 'second'] as const;
let world: KubernetesWorld;

beforeAll(async () => {
  const image = await runnerImage();
  world = await KubernetesWorld.create(environment);
  const { release: _, ...settings } = world.layer({ runner: { namespace } });
  const configuration = { 'environment.yaml': stringify({ ...settings, release: { chart: { path: '/etc/changeover' } } }) };
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner', namespace } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'configuration', namespace }, data: configuration },
    ...readingRights(),
    runnerPod(image, ['status', '--watch', '-f', '/etc/changeover/environment.yaml']),
  );
  await world.kubectl('wait', '--namespace', namespace, '--for=condition=Ready', `pod/${pod}`, '--timeout=60s');
});
afterAll(async () => {
  await world.kubectl('delete', 'clusterrole,clusterrolebinding', environment, '--ignore-not-found');
  await world.end();
});

async function apply(...objects: readonly object[]): Promise<void> {
  const { binDir, kubeconfig } = world.connection;
  await execa(`${binDir}/kubectl`, ['apply', '-f', '-'], { input: objects.map((object) => JSON.stringify(object)).join('\n'), env: { KUBECONFIG: kubeconfig } });
}

function readingRights(): readonly object[] {
  const rules = [{ apiGroups: ['', 'coordination.k8s.io'], resources: ['namespaces', 'configmaps', 'services', 'leases'], verbs: ['get', 'list'] }];
  return [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: environment }, rules },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: environment },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: environment },
      subjects: [{ kind: 'ServiceAccount', name: 'runner', namespace }],
    },
  ];
}

function runnerPod(image: string, args: readonly string[]): object {
  const securityContext = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  const volumeMounts = [{ name: 'configuration', mountPath: '/etc/changeover' }, { name: 'tmp', mountPath: '/tmp' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace },
    spec: {
      serviceAccountName: 'runner',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 30,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: containers.map((name) => ({ name, image, imagePullPolicy: 'Never', args, securityContext, volumeMounts })),
      volumes: [{ name: 'configuration', configMap: { name: 'configuration' } }, { name: 'tmp', emptyDir: {} }],
    },
  };
}

/** In a container beside process 1. */
function inside(...command: readonly string[]): Promise<string> {
  return world.kubectl('exec', '--namespace', namespace, pod, '--container', containers[0], '--', ...command);
}

function logs(container: string): Promise<string> {
  return world.kubectl('logs', '--namespace', namespace, pod, '--container', container);
}

test('it follows the cluster by the account of its pod, in at most 90 MB', async () => {
  await expect.poll(() => logs('second'), { timeout: 20_000, interval: 500 }).toContain(environment);
  expect(await logs('second')).not.toContain('FAILED');
  const { uid, containerId } = await identityOf('second');
  const megabytes = Math.round((await workingSet(world.connection, uid, containerId)) / 1e6);
  console.log(`idle: ${megabytes} MB`);
  expect(megabytes).toBeLessThanOrEqual(90);
});

test('it runs as a number that is not root, and has what it needs: itself, Helm, nsupdate, git', async () => {
  const script = 'console.log(process.getuid(), process.version)';
  expect(await inside('node', '-e', script)).toMatch(/^10001 v24\./);
  expect(await inside('changeover', '--version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await inside('helm', 'version', '--short')).toMatch(/^v4\./);
  expect(await inside('git', '--version')).toContain('git version');
  const nsupdate = await execa(`${world.connection.binDir}/kubectl`, ['exec', '--namespace', namespace, pod, '--container', containers[0], '--', 'nsupdate', '-V'], { env: { KUBECONFIG: world.connection.kubeconfig }, all: true });
  expect(nsupdate.all).toContain('nsupdate 9.');
});

test('it says what it consists of', async () => {
  const bill = JSON.parse(await inside('node', '-p', 'fs.readFileSync("/usr/share/sbom/changeover.cdx.json", "utf8")')) as { components: { name: string }[] };
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['node', 'helm', 'zod', '@kubernetes/client-node', 'git', 'bind9-dnsutils', 'libc6']));
  expect(names).not.toContain('vitest');
});

test('nothing outside of /tmp can be written', async () => {
  const script = 'try { fs.writeFileSync("/usr/lib/changeover/x", ""); } catch (error) { console.log(error.code); } fs.writeFileSync("/tmp/x", ""); console.log("written")';
  expect(await inside('node', '-e', script)).toBe('EROFS\nwritten');
});

test('V8 takes every part of the program as it was compiled when the image was built', async () => {
  const script = 'const env = { ...process.env, NODE_DEBUG_NATIVE: "COMPILE_CACHE" }; const { stdout, stderr } = child_process.spawnSync("changeover", ["validate", "-f", "/etc/changeover/environment.yaml"], { env }); console.log(String(stdout) + stderr)';
  const told = (await inside('node', '-e', script)).split('\n').filter((line) => line.includes('file:///usr/lib/changeover/'));
  const read = told.filter((line) => line.includes('reading cache')).length;
  expect(read).toBeGreaterThan(5);
  expect(told.filter((line) => line.includes('was accepted')).length).toBe(read);
});

// The last ones: afterwards there is no process to look into.
test.each([['SIGTERM', 'second'], ['SIGINT', 'first']] as const)('as process 1 it ends by itself at %s', async (signal, container) => {
  // The kernel gives a process 1 only those signals that it asked for. With it all others of the container end, the one that asks, too.
  const asking = world.kubectl('exec', '--namespace', namespace, pod, '--container', container, '--', 'node', '-e', `process.kill(1, '${signal}')`);
  await asking.catch((error: unknown) => expect(String(error)).toContain('exit code 137'));
  const exitCode = (): Promise<string> => podField(`.status.containerStatuses[?(@.name=="${container}")].state.terminated.exitCode`);
  await expect.poll(exitCode, { timeout: 20_000, interval: 200 }).toBe('0');
});

function podField(path: string): Promise<string> {
  return world.kubectl('get', 'pod', '--namespace', namespace, pod, '-o', `jsonpath={${path}}`);
}

async function identityOf(container: string): Promise<{ readonly uid: string; readonly containerId: string }> {
  const containerId = await podField(`.status.containerStatuses[?(@.name=="${container}")].containerID`);
  return { uid: await podField('.metadata.uid'), containerId: containerId.replace('containerd://', '') };
}
