// Charts that somebody could publish for others to install. Data: what is in them, and how each must end.

import { gzipSync } from 'node:zlib';
import { tgz, type TarEntry } from '../../drivers/helm-charts.ts';
import type { Folder } from './folder.ts';

/** A chart that was made, and what is given to it. */
export interface Offered {
  /** As in `release.chart`. */
  readonly source: unknown;
  /** As in `release.values`. */
  readonly values?: readonly unknown[];
  /** Path of an environment file that is read before, and kept. */
  readonly environment?: string;
}

export interface HostileChart {
  readonly title: string;
  make(folder: Folder): Offered;
  /** In the refusal; without it the chart renders, and nothing has come out. */
  readonly refusal?: RegExp;
  /** Whether it may also be accepted. */
  readonly isEitherWay?: true;
}

const chartYaml = 'apiVersion: v2\nname: portal\nversion: 0.1.0\n';
const tooMuch = /needed more than 80 MiB of memory|processor time/;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';

type Files = Readonly<Record<string, string | Buffer>>;

function chart(title: string, files: Files | ((folder: Folder) => Files | void), refusal?: RegExp): HostileChart {
  const make: HostileChart['make'] = (folder) => {
    folder.write('chart/Chart.yaml', chartYaml);
    const made = typeof files === 'function' ? files(folder) : files;
    for (const [path, content] of Object.entries(made ?? {})) folder.write(`chart/${path}`, content);
    return { source: { path: `${folder.path}/chart` } };
  };
  return refusal === undefined ? { title, make } : { title, make, refusal };
}

function template(title: string, text: string, refusal?: RegExp): HostileChart {
  return chart(title, { 'templates/a.yaml': text }, refusal);
}

/** As a dependency, which Helm unpacks by itself. */
function archive(title: string, entries: readonly TarEntry[], refusal: RegExp): HostileChart {
  return chart(title, { 'charts/dep-1.tgz': packed(...entries) }, refusal);
}

function packed(...entries: readonly TarEntry[]): Buffer {
  return tgz({ path: 'dep/Chart.yaml', content: 'name: dep\nversion: 1.0.0\n' }, ...entries);
}

function sixty(archive: Buffer): Files {
  return Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`charts/dep${index}.tgz`, archive]));
}

function schema(title: string, reference: (folder: Folder) => string): HostileChart {
  return chart(title, (folder) => ({ 'values.schema.json': JSON.stringify({ properties: { a: { $ref: reference(folder) } } }), 'values.yaml': 'a: 1\n', 'templates/a.yaml': configMap }), /lies outside/);
}

const escapes: readonly HostileChart[] = [
  chart('a link to a secret of this machine', (folder) => folder.link('chart/files/a', folder.secretFile), /leads out of it/),
  chart('a link to /dev/zero', (folder) => folder.link('chart/templates/a.yaml', '/dev/zero'), /leads out of it/),
  chart('a link to a folder that climbs', (folder) => folder.link('chart/templates/up', '../../..'), /leads out of it/),
  archive('an archive whose path climbs', [{ path: 'dep/../../../pwned', content: 'x' }], /leads elsewhere/),
  archive('an archive with an absolute path', [{ path: '/etc/changeover-pwned', content: 'x' }], /leads elsewhere/),
  archive('an archive with a path of Windows', [{ path: 'dep\\..\\pwned', content: 'x' }], /leads elsewhere/),
  archive('an archive with a symbolic link', [{ path: 'dep/a', type: '2', target: '/etc/shadow' }], /neither a file nor a folder/),
  archive('an archive with a hard link', [{ path: 'dep/a', type: '1', target: '/etc/shadow' }], /neither a file nor a folder/),
  archive('an archive with a device', [{ path: 'dep/a', type: '3' }], /neither a file nor a folder/),
  archive('an archive with one path twice', [{ path: 'dep/a', content: '1' }, { path: 'dep/a', content: '2' }], /twice/),
  schema('a schema that reads /dev/zero', () => '/dev/zero'),
  schema('a schema that reads a secret of this machine', (folder) => `file://${folder.secretFile}`),
  schema('a schema that climbs', () => '../../secret.txt'),
  template('a template that reads files of this machine', '{{ .Files.Get "../../secret.txt" }}{{ .Files.Get "/etc/passwd" }}{{ range $p, $_ := .Files.Glob "/**" }}# {{ $p }}\n{{ end }}'),
  template('a template that asks for environment variables', '{{ env "SECRET_OF_TEST" }}', /not defined/),
  template('a template that asks the cluster', `${configMap}data: { found: {{ lookup "v1" "Secret" "kube-system" "" | toJson | quote }} }\n`),
];

const greedyText = (words: string): string => `${configMap}data: { a: "{{ ${words} | len }}" }\n`;
/** Doubles what stands in $t thirty times. */
const doubled = (words: string): string => `{{ $t := ${words} }}{{ range until 30 }}{{ $t = `;

/** Each would take a gigabyte or more, all at once or bit by bit. */
export const greedy: readonly HostileChart[] = [
  template('a text of a gigabyte', greedyText('repeat 1000000000 "x"'), tooMuch),
  template('a text of two hundred megabytes', greedyText('repeat 200000000 "x"'), tooMuch),
  template('a text that doubles', `${doubled('"xxxxxxxx"')}printf "%s%s" $t $t }}{{ end }}${configMap}data: { a: "{{ len $t }}" }\n`, tooMuch),
  template('ten thousand texts of a hundred kilobytes', `{{ $l := list }}{{ range $i, $_ := until 10000 }}{{ $l = append $l (repeat 100000 (toString $i)) }}{{ end }}${configMap}data: { a: "{{ len $l }}" }\n`, tooMuch),
  template('templates that call themselves with more each time', `${configMap}data: { a: {{ tpl "{{ tpl .t . }}{{ tpl .t . }}" (dict "t" "{{ tpl .t . }}{{ tpl .t . }}" "Template" .Template) }} }\n`, tooMuch),
  template('a list of two hundred million', greedyText('until 200000000'), tooMuch),
  template('a structure that doubles, written as YAML', `${doubled('dict "a" (until 1000)')}dict "a" $t "b" $t }}{{ end }}${configMap}data: { a: "{{ toYaml $t | len }}" }\n`, tooMuch),
  template('five hundred megabytes, written as YAML', `{{ $d := dict }}{{ range $i, $_ := until 5000 }}{{ $_ := set $d (toString $i) (repeat 100000 "x") }}{{ end }}${configMap}data: { a: "{{ toYaml $d | len }}" }\n`, tooMuch),
];

/** Each would work for hours. */
export const tireless: readonly HostileChart[] = [
  template('a list of a billion', '{{ range until 1000000000 }}{{ end }}', /memory|processor time/),
  template('loops in loops', '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}', /processor time|memory/),
  template('ten thousand private keys', '{{ range until 10000 }}{{ genPrivateKey "rsa" }}{{ end }}', /processor time/),
];

const heavy: readonly HostileChart[] = [
  ...greedy,
  ...tireless,
  chart('links that multiply', (folder) => {
    for (const name of ['a', 'b', 'c']) folder.link(`chart/templates/${name}`, '.');
  }, /./),
  chart('an archive that unpacks to a gigabyte', { 'charts/dep-1.tgz': gzipSync(Buffer.alloc(1024 * 1024 * 1024)) }, /larger|Cannot create a Buffer|memory/i),
  chart('sixty archives that unpack to thirty megabytes each', () => sixty(packed({ path: 'dep/files/a', content: 'x'.repeat(30_000_000) })), /larger|Cannot create a Buffer/),
  chart('a schema of thirty megabytes in an archive', () => ({ 'charts/dep-1.tgz': packed({ path: 'dep/values.schema.json', content: `[${'1,'.repeat(15_000_000)}1]` }) }), /larger than/),
  chart('sixty schemas of half a megabyte', () => sixty(packed({ path: 'dep/values.schema.json', content: `[${'1,'.repeat(250_000)}1]` })), /bytes of Chart.yaml and values.schema.json/),
  chart('an archive of two million notes about its files', () => ({ 'charts/dep-1.tgz': packed({ path: 'x', type: 'x', content: '11 aaa=bbb\n'.repeat(2_000_000) }) }), /damaged pax header/),
  chart('a chart in a chart in a chart, and thousands of files in the last', (folder) => {
    const inner = Array.from({ length: 300 }, () => 'charts/a').join('/');
    for (let depth = 1; depth <= 300; depth += 1) folder.write(`chart/${inner.slice(0, 9 * depth - 1)}/Chart.yaml`, chartYaml);
    for (let made = 0; made < 9_000; made += 1) folder.write(`chart/${inner}/files/${made}`, '');
  }, /more than 100 charts/),
  chart('three thousand charts in one', Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`charts/a${i}/Chart.yaml`, `${chartYaml}keywords: [${'x,'.repeat(3_000)}]\n`])), /more than 100 charts/),
  chart('a Chart.yaml whose aliases multiply', (folder) => void folder.write('chart/Chart.yaml', `${chartYaml}annotations:\n  a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.split('').map((name, i) => `  ${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\n`), /./),
  chart('a Chart.yaml of thirty megabytes', (folder) => void folder.write('chart/Chart.yaml', `${chartYaml}description: "${'x'.repeat(30 * 1024 * 1024)}"\n`), /larger than/),
  chart('twenty thousand files', (folder) => Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`files/${i % 100}/${i}`, folder.path])), /more than 10000 files/),
  chart('forty megabytes of files', { 'files/a': Buffer.alloc(20 * 1024 * 1024), 'files/b': Buffer.alloc(20 * 1024 * 1024) }, /larger than/),
  template('a template that includes itself', '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', /./),
  template('an object of half a million texts', `${configMap}data: [{{ range until 500000 }}x,{{ end }}x]\n`, /more in one document|processor time|memory/),
  template('an object of twenty thousand keys', `${configMap}data: { {{ range until 20000 }}a{{ . }}: b, {{ end }} }\n`),
  chart('a Chart.yaml of fifty thousand keys', { 'Chart.yaml': `${chartYaml}annotations: {${Array.from({ length: 50_000 }, (_, i) => `a${i}: b`).join(', ')}}\n` }, /Chart.yaml is not one: there is more in one document/),
  template('ten megabytes of objects', `{{ range until 2000 }}---\n${configMap}data: { a: "{{ repeat 5000 "x" }}" }\n{{ end }}`, /more than 6291456 characters|memory|processor time/),
  template('objects whose aliases multiply', `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\n${configMap}`, /./),
];

function fetched(title: string, source: (folder: Folder) => unknown, refusal: RegExp): HostileChart {
  return { title, make: (folder) => ({ source: source(folder) }), refusal };
}

const commands: readonly HostileChart[] = [
  fetched('a repository that is a command', ({ marker }) => ({ git: `ext::sh -c touch% ${marker}`, ref: 'main', path: '.' }), /./),
  fetched('a repository that is an option of git', ({ marker }) => ({ git: `--upload-pack=touch ${marker}`, ref: 'main', path: '.' }), /./),
  fetched('a host that is an option of ssh', ({ marker }) => ({ git: `ssh://-oProxyCommand=touch ${marker}/x`, ref: 'main', path: '.' }), /./),
  fetched('a ref that is an option of git', ({ marker, path }) => ({ git: path, ref: `--upload-pack=touch ${marker}`, path: '.' }), /./),
  fetched('a folder outside of the repository', ({ path }) => ({ git: path, ref: 'main', path: '../../..' }), /./),
  fetched('a chart name that is an option of helm', () => ({ repository: 'http://127.0.0.1:1', name: '--debug', version: '1.0.0' }), /./),
  fetched('a version with shell characters', ({ marker }) => ({ oci: 'oci://127.0.0.1:1/a', version: `1.0.0; touch ${marker}` }), /./),
];

const values: readonly HostileChart[] = [
  { title: 'values that are /dev/zero', make: (folder) => withValues(folder, { file: '/dev/zero' }), refusal: /cannot be read/ },
  { title: 'values whose aliases multiply', make: (folder) => withValues(folder, { file: folder.write('v.yaml', `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\n`) }), refusal: /aliases/ },
  { title: 'twenty layers of values, each with nearly as much as one may have', make: (folder) => withValues(folder, ...layers(folder, `a: [${'x,'.repeat(49_000)}]\n`)), refusal: /more in the file, with those before it/ },
  { title: 'a hundred layers over ten thousand keys', make: (folder) => withValues(folder, { file: manyTexts(folder) }, ...Array.from({ length: 99 }, (_, i) => ({ inline: { [`a${i}`]: 'x' } }))) },
  { title: 'an error of five megabytes, and ten thousand texts in its values', make: (folder) => ({ ...withValues(folder, { file: manyTexts(folder) }), ...failing(folder) }), refusal: /./ },
  { title: 'values that are templates', make: (folder) => withValues(folder, { inline: { a: '{{ .Files.Get "/etc/passwd" }}$(touch pwned)`touch pwned`' } }) },
];

function layers(folder: Folder, text: string): readonly unknown[] {
  return Array.from({ length: 20 }, (_, index) => ({ file: folder.write(`${index}.yaml`, text) }));
}

/** As many as there may be. Each is looked for in what Helm says when it fails: it may be a secret. */
export function manyTexts(folder: Folder): string {
  return folder.write('v.yaml', `{${Array.from({ length: 10_000 }, (_, i) => `k${i}: secret-number-${i}`).join(', ')}}\n`);
}

function failing(folder: Folder): { readonly source: unknown } {
  folder.write('chart/templates/a.yaml', '{{ fail (repeat 500000 "it says so ") }}');
  return { source: { path: `${folder.path}/chart` } };
}

function withValues(folder: Folder, ...sources: readonly unknown[]): Offered {
  folder.write('chart/Chart.yaml', chartYaml);
  folder.write('chart/templates/a.yaml', `${configMap}data: { a: {{ .Values.a | default "" | toJson }} }\n`);
  return { source: { path: `${folder.path}/chart` }, values: sources };
}

export const hostileCharts: readonly HostileChart[] = [...escapes, ...heavy, ...commands, ...values];
