// One file with every key there is: each of them misspelt, given the wrong kind of value, or left out, is told at its place.

import { describe, expect, it } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { environment } from '../../src/config/environment.ts';
import { isMapping, shapeOf, typeNameOf } from '../../src/config/schema.ts';
import { faults, parse } from './faults.ts';

const secret = { secret: { name: 's', key: 'k', namespace: 'n' } };
const common = { after: [], timeout: '1h', retries: 1 };

const rule = { apiGroups: ['a.example'], resources: ['things'], verbs: ['get'], resourceNames: ['one'] };
const pod = {
  image: { repository: 'r', tag: 't', digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always', pullSecrets: ['p'] },
  existingSecret: 's',
  extraEnv: [{ name: 'A', value: 'a', valueFrom: { any: 1 } }],
  extraEnvFrom: [{ any: 1 }],
  extraVolumes: [{ name: 'v' }],
  extraVolumeMounts: [{ name: 'v', mountPath: '/v', subPath: 's', readOnly: true }],
  nodeSelector: { pool: 'new' },
  tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute', tolerationSeconds: 9 }],
  affinity: { any: 1 },
  priorityClassName: 'p',
  annotations: { a: 'b' },
  labels: { a: 'b' },
  resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
  securityContext: { any: 1 },
  containerSecurityContext: { any: 1 },
  terminationGracePeriod: '2m',
  replacements: 3,
  startingDeadline: '5m',
  history: { succeeded: 1, failed: 1 },
  serviceAccount: { annotations: { a: 'b' } },
  networkPolicy: { enabled: true, apiServer: [{ any: 1 }], dns: [{ any: 1 }], egress: [{ any: 1 }] },
};

/** Both branches of a union need a file each; lists can hold all of them. */
const first = {
  cluster: 'main',
  environment: 'prod',
  deleteExisting: true,
  dns: [{ zone: 'example.org', name: 'www.example.org', service: 'web', ttl: 60 }],
  schedule: '@daily',
  strictErrorChecking: false,
  dataConfig: 'data.json',
  dnsProvider: { rfc2136: { server: '192.0.2.1', key: { file: 'key' } } },
  dnsServers: { 'example.org': ['192.0.2.1:53', '[2001:db8::1]:53'] },
  release: { chart: { git: 'g', ref: 'r', path: 'p' }, values: [{ file: 'v.yaml' }, { inline: { any: { thing: 1 } } }, secret], onFailure: 'keep', timeout: '1m', permissions: { namespaced: [rule], cluster: [rule] } },
  readiness: { timeout: '1m', mayStayUnready: [{ kind: 'Deployment', name: 'extra' }] },
  load: [
    { job: { fromJob: 'a' }, name: 'a', ...common },
    { job: { fromCronJob: 'b' }, name: 'b', ...common, after: ['a'] },
    { job: { spec: { template: {} } }, name: 'c', ...common },
    { jobList: { base: 'http://x/', dataConfig: 'https://d.example/x', credentials: { username: 'u', password: secret } }, name: 'd', ...common },
  ],
  verify: {
    http: [{ url: 'http://www.example.org/', status: 204, bodyContains: 'x', bodyMatches: 'y+', headers: { 'x-a': 'b' }, insecure: true, timeout: '1s' }],
    helmTest: true,
    jobs: [{ fromJob: 'x' }, { fromCronJob: 'x' }, { spec: {} }].map((job, index) => ({ name: `check-${index}`, job, timeout: '1m' })),
    timeout: '1m',
  },
  swap: { timeout: '1m', ownerRecords: false, replaceForeign: true },
  drain: { soak: '1m', every: '1s' },
  retire: { timeout: '1m' },
  notify: { webhooks: [{ url: secret, events: ['failed'] }] },
  runner: { namespace: 'changeover', leaseDuration: '30s', keepRecords: 9, readNodes: true },
  timeZone: 'Europe/Berlin',
  minInterval: '1h',
  suspend: true,
  schedules: [{ operation: 'prune', schedule: '@daily', timeZone: 'UTC', minInterval: '1h' }],
  secrets: { 'tsig.key': 'x' },
  files: { 'data.json': 'x' },
  pod,
  global: { any: 1 },
};
const digest = `sha256:${'0'.repeat(64)}`;
const others = [
  { ...first, release: { chart: { oci: 'oci://r.example/c', version: '1', digest } }, dnsProvider: { googleCloud: { project: 'p', credentials: secret, endpoint: 'https://e.example/' } } },
  { ...first, release: { chart: { repository: 'https://r.example/', name: 'c', version: '1' } } },
  { ...first, release: { chart: { path: 'c' } } },
];
const files = [first, ...others];

type Path = readonly (string | number)[];
type Schema = Parameters<typeof shapeOf>[0];

/** Paths of all keys that the schema names; inside free-form mappings there are none. */
function keysIn(value: unknown, schema: Schema, path: Path = []): readonly Path[] {
  const shape = shapeOf(schema);
  if (shape.kind === 'list' && Array.isArray(value)) return value.flatMap((item, index) => keysIn(item, shape.item, [...path, index]));
  if (!isMapping(value)) return [];
  const keys = shape.kind === 'object' ? shape.keys : shape.kind === 'union' ? (shape.branches.find(({ key }) => key in value)?.keys ?? {}) : {};
  return Object.entries(keys).flatMap(([key, inner]) => (key in value ? [[...path, key], ...keysIn(value[key], inner, [...path, key])] : []));
}

const allKeys = files.flatMap((file) => keysIn(file, environment).map((path) => ({ file, path, where: path.join('.') })));
const keys = [...new Map(allKeys.map((entry) => [entry.where, entry])).values()];

/** Without anchors: each path then leads to a text of its own. */
function textOf(file: object): string {
  return stringify(file, { aliasDuplicateObjects: false });
}

function edited(file: object, edit: (document: ReturnType<typeof parseDocument>) => void): string {
  const document = parseDocument(textOf(file));
  edit(document);
  return document.toString();
}

/** Line and column of the text at `offset`. */
function placeOf(text: string, word: string): string {
  const before = text.slice(0, text.indexOf(word)).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

it('the files of this test are fine, and name every key that the schema has', () => {
  for (const file of files) expect(parse({ 'a.yaml': textOf(file) })).toHaveProperty('cluster', 'main');
  const named = new Set(keys.map(({ path }) => path.filter((part) => typeof part === 'string').join('.')));
  expect(everyKey(environment).filter((key) => !named.has(key))).toEqual([]);
});

/** Secrets count as one: the same two ways to name one stand in many places. */
function everyKey(schema: Schema, path: readonly string[] = []): readonly string[] {
  const shape = shapeOf(schema);
  if (typeNameOf(schema) === 'secret') return [];
  if (shape.kind === 'list') return everyKey(shape.item, path);
  const entries = shape.kind === 'object' ? Object.entries(shape.keys) : shape.kind === 'union' ? shape.branches.flatMap((branch) => Object.entries(branch.keys)) : [];
  return entries.flatMap(([key, inner]) => [[...path, key].join('.'), ...everyKey(inner, [...path, key])]);
}

describe('misspelt, a key is told at its place with the right word:', () => {
  it.each(keys.filter(({ path }) => String(path.at(-1)).length > 2))('$where', ({ file, path }) => {
    const key = String(path.at(-1));
    const typo = `${key}${key.at(-1)}`;
    const text = edited(file, (document) => {
      const value = document.getIn(path, true);
      document.deleteIn(path);
      document.setIn([...path.slice(0, -1), typo], value);
    });
    const told = faults({ 'a.yaml': text }).filter((line) => line.includes(`unknown key \`${typo}\``));
    expect(told).toEqual([expect.stringMatching(new RegExp(`^a\\.yaml:${placeOf(text, `${typo}:`)}: .*; did you mean \`${key}\`\\?$`))]);
  });
});

describe('given the wrong kind of value, a key is told with what would be right:', () => {
  const typed = keys.filter(({ path }) => !['headers', 'inline', 'spec'].includes(String(path.at(-1))));
  it.each(typed)('$where', ({ file, path }) => {
    const isList = Array.isArray(getIn(file, path));
    const text = edited(file, (document) => document.setIn(path, isList ? { planted: 1 } : ['planted']));
    const name = path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
    const told = faults({ 'a.yaml': text }).filter((line) => line.includes(`: \`${name}\` is a ${isList ? 'mapping' : 'list'}; it must be`));
    expect(told).toHaveLength(1);
  });
});

describe('left empty, a key in a list is told to be empty:', () => {
  it.each(keys.filter(({ path }) => path.some((part) => typeof part === 'number')))('$where', ({ file, path }) => {
    const text = edited(file, (document) => document.setIn(path, null));
    expect(faults({ 'a.yaml': text }).some((line) => line.includes(' is empty; it must '))).toBe(true);
  });
});

function getIn(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}
