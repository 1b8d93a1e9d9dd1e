// The environment file is the chart's values file: what reaches the pod means what it meant to the command line, and what it names
// is what the pod may read and reach. By `helm template`, without installing anything.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse as parseYaml, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { isTwofold } from '../../src/config/dialect.ts';
import { loadEnvironment, parseEnvironment } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/environment.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { clusterRoleNames, cronJobName, runnerName } from '../../src/plan/runner-names.ts';
import { minimal, render, renderFiles, renderWholeInstallation, wholeInstallation, type Rendered } from './support/rendered.ts';

/** The commands of a document that install an example of `config/`; whoever reads it has those files. */
async function shownIn(document: string): Promise<readonly string[]> {
  const lines = (await readFile(document, 'utf8')).split('\n').map((line) => line.replace(/^[#\s$]+/, ''));
  return lines.filter((line) => line.startsWith('helm upgrade --install ') && line.includes(' config/'));
}

describe('the whole installation', () => {
  it.each(['README.md', 'chart/README.md', 'chart/README.md.gotmpl', 'docs/operations.md', 'config/prod.yaml'])('is one command, and the same in %s', async (document) => {
    expect(await shownIn(document)).toEqual([wholeInstallation]);
  });

  it('is whole: what the pod is to read comes with it, and nothing is looked for in the checkout', async () => {
    const rendered = await renderWholeInstallation();
    const environment = seenByPod(rendered, 'prod');
    expect(JSON.stringify(environment)).not.toContain(process.cwd());
    expect(environment.dnsProvider).toMatchObject({ rfc2136: { key: { secret: { name: 'changeover-prod', key: 'tsig.key' } } } });
    expect(keysOf(rendered.object('Secret', 'changeover-prod'))).toEqual(['tsig.key']);
    expect(secretsIn(rulesOf(rendered, 'Role', 'changeover-prod'))).toEqual(['changeover-prod', 'portal-values']);
  });

  it('has its records and its lock where the command line looks for them', async () => {
    const rendered = await renderWholeInstallation();
    const { runner } = await loadEnvironment(['config/prod.yaml']);
    expect(configurationOf(rendered, 'prod').metadata.namespace).toBe(runner.namespace);
    expect(seenByPod(rendered, 'prod').runner.namespace).toBe(runner.namespace);
  });
});

function keysOf(object: object): readonly string[] {
  const { data = {}, stringData = {} } = object as { data?: object; stringData?: object };
  return Object.keys({ ...data, ...stringData });
}

/** What a pod of the runner reads, as if its configuration lay beside the files. */
function seenByPod(rendered: Rendered, environment: string): Environment {
  const { data } = configurationOf(rendered, environment);
  return parseEnvironment([{ file: 'config/environment.yaml', text: data?.['environment.yaml'] ?? '' }], process.cwd());
}

/** Its name ends in what is in it. */
function configurationOf({ objects, object }: Rendered, environment: string): KubernetesObject & { readonly data?: Record<string, string> } {
  const [name = ''] = objects.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
  expect(name).toMatch(new RegExp(`^${runnerName(environment)}-configuration-`));
  return object('ConfigMap', name);
}

type Rule = { readonly resources: readonly string[]; readonly resourceNames?: readonly string[]; readonly verbs: readonly string[] };

function rulesOf(rendered: Rendered, kind: string, name: string): readonly Rule[] {
  return (rendered.object(kind, name) as unknown as { rules: readonly Rule[] }).rules;
}

function secretsIn(rules: readonly Rule[]): readonly string[] {
  return rules.filter(({ resources }) => resources.includes('secrets')).flatMap(({ resourceNames }) => resourceNames ?? ['*']);
}

describe('what the pod reads is what the files say', () => {
  it.each([[['demo-base.yaml', 'demo.yaml'], 'demo'], [['google.yaml'], 'shop'], [['classic-base.yaml', 'classic.yaml'], 'portal'], [['prod.yaml'], 'prod'], [['secrets.yaml', 'prod.yaml'], 'prod']] as const)('%s', async (names, environment) => {
    const files = names.map((name) => `config/${name}`);
    const read = await loadEnvironment(files);
    expect(seenByPod(await renderFiles(files, read.runner.namespace), environment)).toEqual({ ...read, secrets: {}, files: {}, pod: {} });
  });

  it('whatever characters are in it, and however a number or a date is written', async () => {
    const texts = ['yes', 'on', '~', 'null', '0644', '0o17', '0x1F', '1e3', '.5', '1_000', '1:30', '2001-01-01', '<<', '=', '.inf', 'NaN', '# c', 'a: b', '- a', '%x', '@x', '`x', '{{ x }}', '', ' x ', 'a\nb\n\n', '\ta', 'é\u2028\u0085\u0007', '😀', '"\'\\', '</a>&'];
    const numbers = [0, -1, 1.5, 1_000_000, 12_345_678_901_234, 1e21];
    const inline = { texts, numbers, nothing: null, yes: true, deep: [{ a: [] }, {}, null, false] };
    const release = { chart: { path: 'chart' }, values: [{ inline }] };
    expect(seenByPod(await render({ ...minimal, release }), 'prod').release.values).toEqual([{ inline }]);
  });

  it('and whatever Helm reads otherwise is exactly what the command line refuses', async () => {
    const texts = ['yes', 'No', 'on', 'OFF', 'y', 'N', 'true', 'True', 'null', 'Null', '~', '0', '00', '07', '08', '010', '-017', '0o17', '0x1F', '0b11', '1_000', '1_0.5', '_1', '1e3', '1.5e-3', '.5', '5.', '+5', '2001-01-01', '1:30', '190:20:30', 'a_b', 'no-op', 'nan'];
    const file = join(await mkdtemp(join(tmpdir(), 'changeover-dialect-')), 'values.yaml');
    await writeFile(file, `${stringify(minimal).replace(/release:[^]*/, '')}release: { chart: { path: c }, values: [{ inline: { texts: [\n${texts.join(',\n')}] } }] }\n`);
    const byHelm = (seenByPod(await renderFiles([file]), 'prod').release.values[0] as { inline: { texts: readonly unknown[] } }).inline.texts;
    await rm(dirname(file), { recursive: true });
    expect(texts.filter((text, index) => byHelm[index] !== parseYaml(text))).toEqual(texts.filter(isTwofold));
  });

  it('also where a layer has taken something away', async () => {
    const layered = { ...minimal, dnsProvider: { googleCloud: null, rfc2136: { server: '192.0.2.1', key: null } }, load: null, schedule: null, pod: { tolerations: null }, notify: null, runner: null };
    const environment = seenByPod(await render(layered), 'prod');
    expect(environment).toEqual(parseEnvironment([{ file: 'config/a.yaml', text: stringify({ ...layered, pod: {}, runner: { namespace: 'changeover' } }) }], process.cwd()));
  });

  it('but that records and lock lie where it is installed', async () => {
    expect(seenByPod(await render(minimal, 'builders'), 'prod').runner.namespace).toBe('builders');
  });

  it('without what is no business of a run', async () => {
    const { secrets, files, pod } = seenByPod(await render({ ...minimal, secrets: { a: 'x' }, files: { b: 'y' }, pod: { replacements: 1 } }), 'prod');
    expect([secrets, files, pod]).toEqual([{}, {}, {}]);
  });
});

describe('names', () => {
  it.each(['a', 'prod', 'x'.repeat(30), 'x'.repeat(31), `${'long-'.repeat(9)}name`, 'y'.repeat(50), '007'])('of the environment %s are the program’s, and a CronJob’s fits', async (environment) => {
    const rendered = await render({ ...minimal, environment, schedules: [{ operation: 'rehearse', schedule: '@daily' }] });
    const cronJobs = rendered.objects.filter(({ kind }) => kind === 'CronJob').map(({ metadata }) => metadata.name);
    expect(cronJobs.toSorted()).toEqual([cronJobName(environment, 'rebuild'), cronJobName(environment, 'rehearse')].toSorted());
    expect(Math.max(...cronJobs.map((name) => name.length))).toBeLessThanOrEqual(52);
    const { release, installer } = clusterRoleNames(environment);
    for (const name of [runnerName(environment), release, installer]) rendered.object('ClusterRole', name);
  });
});

const named = {
  dnsProvider: { rfc2136: { server: '[2001:db8::1]:5353', key: { secret: { name: 'dns', key: 'k' } } } },
  dnsServers: { 'example.org': ['192.0.2.1:54', '192.0.2.2'] },
  release: { chart: { git: 'git@git.example.org:portal/chart.git', ref: 'v1', path: 'c' }, values: [{ secret: { name: 'values', key: 'k' } }, { secret: { name: 'elsewhere', key: 'k', namespace: 'vault' } }] },
  load: [
    { name: 'a', jobList: { dataConfig: 'http://data.example.org:8080/x', credentials: { username: 'u', password: { secret: { name: 'harvester', key: 'p' } } } } },
    { name: 'b', jobList: { dataConfig: 'x', credentials: { username: 'u', password: { secret: { name: 'shared', key: 'p', namespace: 'changeover' } } } } },
  ],
  notify: { webhooks: [{ url: { secret: { name: 'slack', key: 'url' } } }, { url: { file: 'slack' } }] },
};

describe('the Secrets that the configuration names', () => {
  it('are all that the runner may read, each where it lies', async () => {
    const rendered = await render({ ...minimal, ...named });
    const roles = rendered.objects.filter(({ kind }) => kind === 'Role').map((role) => [role.metadata.namespace, secretsIn((role as unknown as { rules: Rule[] }).rules)]);
    expect(Object.fromEntries(roles)).toEqual({ changeover: ['dns', 'shared', 'slack', 'values'], vault: ['elsewhere'] });
    expect(secretsIn(rulesOf(rendered, 'ClusterRole', 'changeover-prod-release'))).toEqual(['harvester']);
    expect(secretsIn(rulesOf(rendered, 'ClusterRole', 'changeover-prod'))).toEqual([]);
  });

  it('none, then no Secret may be read at all', async () => {
    const rendered = await render(minimal);
    expect([...secretsIn(rulesOf(rendered, 'Role', 'changeover-prod')), ...secretsIn(rulesOf(rendered, 'ClusterRole', 'changeover-prod-release'))]).toEqual([]);
  });
});

describe('what the pod may connect to, where nobody can be asked for the API server and cluster DNS', () => {
  interface Egress {
    readonly to?: readonly { readonly ipBlock?: { readonly cidr: string } }[];
    readonly ports?: readonly { readonly port: number; readonly protocol: string }[];
  }
  /** `where: ports` of each rule. */
  const egressOf = (rendered: Rendered): string[] => {
    const { spec } = rendered.object('NetworkPolicy', 'changeover-prod') as unknown as { spec: { egress: Egress[] } };
    const where = (to: Egress['to']): string => to?.map(({ ipBlock }) => ipBlock?.cidr ?? 'pods').join(' ') ?? 'everywhere';
    return spec.egress.map(({ to, ports = [] }) => `${where(to)}: ${ports.map(({ port, protocol }) => `${protocol} ${port}`).join(', ') || 'all ports'}`);
  };

  it('is what is usual for those two, and of what is configured its address, or its port where it has a name only', async () => {
    expect(egressOf(await render({ ...minimal, ...named })).toSorted()).toEqual([
      '192.0.2.1/32: UDP 54, TCP 54',
      '192.0.2.2/32: UDP 53, TCP 53',
      '2001:db8::1/128: UDP 5353, TCP 5353',
      // The chart's repository, webhooks, and what the harvester is sent to.
      'everywhere: TCP 22',
      'everywhere: TCP 443',
      'everywhere: TCP 443, TCP 6443',
      'everywhere: TCP 8080',
      'everywhere: UDP 53, TCP 53',
      'pods: all ports',
    ]);
  });

  it('is Google Cloud DNS and name servers of the zones where nothing more is configured', async () => {
    expect(egressOf(await render(minimal)).toSorted()).toEqual([
      '169.254.169.254/32 169.254.169.252/32: TCP 80, TCP 988',
      'everywhere: TCP 443',
      'everywhere: TCP 443, TCP 6443',
      'everywhere: UDP 53, TCP 53',
      'everywhere: UDP 53, TCP 53',
      'pods: all ports',
    ]);
  });
});

describe('refused before anything is rendered', () => {
  it.each([
    ['an unknown key', { scedule: '@daily' }, /additional properties 'scedule' not allowed/],
    ['an unknown key of the pod', { pod: { image: { tagg: 'x' } } }, /additional properties 'tagg' not allowed/],
    ['a boolean in quotes', { deleteExisting: 'false' }, /at '\/deleteExisting': got string, want /],
    ['no names', { dns: null }, /at '\/dns': got null, want array/],
    ['a namespace that is not the one of the lock', { runner: { namespace: 'other' } }, /two runners would hold two locks\. Install with --namespace other/],
    ['an environment that is called like a role of another', { environment: 'prod-installer' }, /it must not end with -release, -installer or -installer-cluster/],
    ['one operation twice', { schedules: [{ operation: 'prune', schedule: '@daily' }, { operation: 'prune', schedule: '@hourly' }] }, /the operation prune is scheduled twice/],
    ['one file twice', { files: { a: 'x' }, secrets: { a: 'x' } }, /the file a is given in `files` and in `secrets`/],
    ['secrets of two kinds', { secrets: { a: 'x' }, pod: { existingSecret: 'b' } }, /keep one of the two/],
    ['everything as a permission', { release: { chart: { path: 'c' }, permissions: { cluster: [{ apiGroups: ['*'], resources: ['*'] }] } } }, /'\*' does not match pattern/],
    ['a default that the templates need', { pod: { image: null } }, /missing property 'image'/],
  ])('%s', async (_, wrong, message) => {
    await expect(render({ ...minimal, ...wrong })).rejects.toThrow(message);
  });
});
