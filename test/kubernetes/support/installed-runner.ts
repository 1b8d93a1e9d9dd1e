// The runner installed by its own chart, as an operator does it: in a namespace where Pod Security `restricted` is enforced, with the
// real image. What a run installs comes from a ConfigMap that is mounted into the pod. It waits for no run.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { runnerName } from '../../../src/plan/runner-names.ts';
import type { KubernetesWorld } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const charts = 'charts';

type Layer = Readonly<Record<string, unknown>>;

export class InstalledRunner {
  readonly world: KubernetesWorld;
  readonly namespace: string;
  /** Of the ServiceAccount, the CronJob, and most of what the chart makes. */
  readonly name: string;
  readonly #image: string;

  private constructor(world: KubernetesWorld, image: string) {
    this.world = world;
    this.namespace = `changeover-${world.environment}`;
    this.name = runnerName(world.environment);
    this.#image = image;
  }

  /** Makes the namespace and installs the chart. `image` without a tag that exists is enough where no pod has to run. */
  static async install(world: KubernetesWorld, image: string, more: Layer = {}): Promise<InstalledRunner> {
    const runner = new InstalledRunner(world, image);
    await world.kubectl('create', 'namespace', runner.namespace);
    await world.kubectl('label', 'namespace', runner.namespace, 'pod-security.kubernetes.io/enforce=restricted');
    await runner.#bringCharts();
    await runner.upgrade(more);
    return runner;
  }

  /** The environment as files of an operator: what is secret apart, and paths as they are in the pod. Of `pod`, what is given is added. */
  async values({ pod, ...others }: Layer & { readonly pod?: object } = {}): Promise<Layer> {
    const { dns, environment } = this.world.layer();
    const [repository, tag] = this.#image.split(/:(?=[^/]+$)/);
    return {
      ...this.world.layer(),
      dns,
      environment,
      dnsProvider: { rfc2136: { server: `${this.world.connection.dns.primary.address}:${this.world.connection.dns.primary.port}`, key: { file: 'tsig.key' } } },
      release: this.release({}),
      // A pod on a busy node may hang for a while longer than a process beside the test.
      runner: { leaseDuration: '6s' },
      secrets: { 'tsig.key': await readFile(this.world.connection.dns.tsigKeyFile, 'utf8') },
      pod: {
        image: { repository, tag, pullPolicy: 'Never' },
        // What the image is promised to need at most, with Helm running: whatever needs more is killed in every test.
        resources: { limits: { memory: '256Mi' } },
        extraVolumes: [{ name: charts, configMap: { name: charts } }],
        extraVolumeMounts: [{ name: charts, mountPath: '/charts', readOnly: true }],
        ...pod,
      },
      ...others,
    };
  }

  /** A `release` section with values for the tests' chart. */
  release(values: Layer): Layer {
    return { chart: { path: '/charts/app.tgz' }, values: [{ inline: values }] };
  }

  /** `helm upgrade --install`, as the README has it. */
  async upgrade(more: Layer = {}): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'changeover-values-'));
    try {
      const { secrets, ...open } = await this.values(more);
      await Promise.all([writeFile(join(directory, 'secrets.yaml'), stringify({ secrets }), { mode: 0o600 }), writeFile(join(directory, 'prod.yaml'), stringify(open))]);
      const files = ['secrets.yaml', 'prod.yaml'].flatMap((name) => ['-f', join(directory, name)]);
      await this.helm('upgrade', '--install', ...files, `builder-${this.world.environment}`, join(root, 'chart'), '--namespace', this.namespace);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  async uninstall(): Promise<void> {
    await this.helm('uninstall', `builder-${this.world.environment}`, '--namespace', this.namespace, '--ignore-not-found');
  }

  /** What the API server answers when the runner itself asks for this object to be made; nothing is stored. */
  async tryToCreate(object: object): Promise<string> {
    const { kubeconfig, binDir } = this.world.connection;
    const args = ['create', '--dry-run=server', '--filename=-', `--as=system:serviceaccount:${this.namespace}:${this.name}`];
    const { stdout, stderr } = await execa(join(binDir, 'kubectl'), args, { env: { KUBECONFIG: kubeconfig }, input: JSON.stringify(object), reject: false });
    return stdout + stderr;
  }

  async helm(...args: readonly string[]): Promise<string> {
    const { kubeconfig, binDir } = this.world.connection;
    const { stdout } = await execa(join(binDir, 'helm'), [...args], { env: { KUBECONFIG: kubeconfig } });
    return stdout;
  }

  async #bringCharts(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'changeover-chart-'));
    try {
      await this.helm('package', join(root, 'test/kubernetes/chart'), '--destination', directory);
      const [archive = ''] = await readdir(directory);
      await this.world.kubectl('create', 'configmap', charts, '--namespace', this.namespace, `--from-file=app.tgz=${join(directory, archive)}`);
    } finally {
      await rm(directory, { recursive: true });
    }
  }
}
