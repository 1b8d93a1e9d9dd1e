// Environment and values files that somebody could leave for an operator to run. Data: what is in them, and how each must end.

import { execFileSync } from 'node:child_process';
import type { Folder } from './folder.ts';

export interface HostileFile {
  readonly title: string;
  /** Makes the file or files, layered in this order, and gives their paths. */
  make(folder: Folder): string | readonly string[];
  /** In the refusal; without it the file is accepted as nothing but text. */
  readonly refusal?: RegExp;
}

const good = 'cluster: main\nenvironment: prod\ndns: [{ zone: z, name: www.example.org, service: web }]\nrelease: { chart: { path: chart } }\n';

function file(title: string, text: string | ((folder: Folder) => string), refusal?: RegExp): HostileFile {
  const make = (folder: Folder): string => folder.write('prod.yaml', typeof text === 'string' ? text : text(folder));
  return refusal === undefined ? { title, make } : { title, make, refusal };
}

/** The good file with one value replaced. */
function instead(title: string, [from, to]: readonly [string, string], refusal: RegExp): HostileFile {
  return file(title, ({ marker }) => good.replace(from, to.replaceAll('MARKER', marker)), refusal);
}

/** As many as there may be; accepted. */
export const manyKeys = `${good}global: {${Array.from({ length: 10_000 }, (_, i) => `a${i}: b`).join(', ')}}\n`;

const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghij'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghij'[index]}`).join(',')}]`)].join('\n');

const heavy: readonly HostileFile[] = [
  file('aliases that multiply to a billion', `${good}\n${laughs}\n`, /aliases|not a key|unknown/i),
  file('fifty thousand aliases of one long list', `${good}\nx: &x [${'y,'.repeat(20_000)}]\nz: [${'*x,'.repeat(50_000)}]\n`, /aliases|larger|more in the file/i),
  file('brackets sixty thousand deep', '['.repeat(60_000), /levels deep|must be a mapping|not closed|\\]/i),
  file('mappings ten thousand deep', Array.from({ length: 1_400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), /levels deep|larger|written|flatter/i),
  file('half a million texts', `${good}files: [${'x,'.repeat(500_000)}]\n`, /more in the file/),
  file('ten thousand keys', manyKeys),
  file('as many aliases as anchors', `${good}global: {a: [${Array.from({ length: 9_500 }, (_, i) => `&a${i} x,*a${i},`).join('')}]}\n`),
  file('an ordered mapping of ten thousand keys', `${good}x: !!omap [${Array.from({ length: 10_000 }, (_, i) => `a${i}: b`).join(', ')}]\n`, /tags such as/),
  file('ten thousand unknown keys and comments', `${good}${Array.from({ length: 10_000 }, (_, i) => `a${i}: b\n#\n`).join('')}`, /unknown|not a key/i),
  file('keys of a thousand letters, like none that is known', `${good}${Array.from({ length: 900 }, (_, i) => `${'environmen'.repeat(100)}${i}: b\n`).join('')}`, /unknown|not a key/i),
  file('lists five hundred deep, again and again', `${good}x: [${`${'['.repeat(500)}${']'.repeat(500)},`.repeat(95)}]\n`, /levels deep/),
  file('ten thousand tags', `${good}x: [${'!a x,'.repeat(10_000)}]\n`, /100 errors/),
  file('forty thousand errors', `${good}${'] '.repeat(40_000)}\n`, /not valid YAML/),
  { title: 'twenty layers, each with nearly as much as one may have', make: (folder) => layers(folder, `global: {a: [${'x,'.repeat(49_000)}]}\n`), refusal: /more in the file, with those before it/ },
  { title: 'twenty layers, each nearly a megabyte', make: (folder) => layers(folder, `global:\n  a: |\n${'    line\n'.repeat(110_000)}`), refusal: /more in the file, with those before it/ },
  file('a hundred megabytes', () => `# ${'x'.repeat(100 * 1024 * 1024)}\n${good}`, /larger than 1 MiB/),
  file('two thousand names', `${good.replace(/dns: .*\n/, '')}dns:\n${Array.from({ length: 2_000 }, (_, i) => `- { zone: z, name: w${i}.example.org, service: web }`).join('\n')}\n`),
  { title: 'a link to /dev/zero', make: (folder) => (folder.link('prod.yaml', '/dev/zero'), `${folder.path}/prod.yaml`), refusal: /no file/ },
  { title: 'a pipe that nobody writes to', make: pipe, refusal: /./ },
  file('a regular expression that matches for ever, until it is used', good.replace('release:', 'verify: { http: [{ url: "http://www.example.org/", bodyMatches: "^(a+)+$" }] }\nrelease:')),
];

function layers(folder: Folder, text: string): readonly string[] {
  return Array.from({ length: 20 }, (_, index) => folder.write(`${index}.yaml`, index === 0 ? good : text));
}

function pipe(folder: Folder): string {
  const path = `${folder.path}/prod.yaml`;
  execFileSync('mkfifo', [path]);
  return path;
}

const injections: readonly HostileFile[] = [
  instead('an environment called like a command', ['environment: prod', 'environment: "prod; touch MARKER"'], /lower-case letters/),
  instead('an environment called $(…)', ['environment: prod', 'environment: "$(touch MARKER)"'], /lower-case letters/),
  instead('an environment that climbs', ['environment: prod', 'environment: ../../kube-system'], /lower-case letters/),
  instead('an environment that begins like an option', ['environment: prod', 'environment: --kubeconfig=x'], /lower-case letters/),
  instead('a zone with a second nsupdate command', ['zone: z', 'zone: "z\\nupdate delete www.example.org"'], /zone/),
  instead('a name with a second nsupdate command', ['name: www.example.org', 'name: "www.example.org\\nsend"'], /name/),
  instead('a service with shell characters', ['service: web', 'service: "web`touch MARKER`"'], /name of a Service/),
  instead('a server that smuggles a key in', ['release:', 'dnsProvider: { rfc2136: { server: "192.0.2.1\\nkey a b" } }\nrelease:'], /server/),
  instead('a schedule that is a command', ['release:', 'schedule: "* * * * * root touch MARKER"\nrelease:'], /five fields/),
  instead('a schedule that never comes', ['release:', 'schedule: "0 0 31 2 *"\nrelease:'], /never comes/),
  instead('a time-out beyond what a timer holds', ['release:', 'readiness: { timeout: 99999999999h }\nrelease:'], /at most 24d/),
  instead('a type of its own', ['cluster: main', 'cluster: !!js/function "function(){ require(\'fs\').writeFileSync(\'MARKER\', \'\') }"'], /tag/i),
  instead('a Python object', ['cluster: main', 'cluster: !!python/object/apply:os.system ["touch MARKER"]'], /./),
  instead('a key __proto__', ['release:', '__proto__: { polluted: true }\nrelease:'], /__proto__/),
  instead('a merge key', ['release:', '<<: { environment: other }\nrelease:'], /merge keys/),
  file('bytes that are no text', '\u0000\u0001\u0002', /./),
];

export const hostileFiles: readonly HostileFile[] = [...heavy, ...injections];
