// The bill of materials: what it names, and that its format is the one it says it is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Spec } from '@cyclonedx/cyclonedx-library';
import { Ajv } from 'ajv';
import { beforeAll, expect, test } from 'vitest';
import { parsePackages } from '../../image/debian-packages.ts';
import { npmComponents, packageDirectories } from '../../image/npm-packages.ts';
import { billOfMaterials, type Component } from '../../image/sbom.ts';

const root = resolve(import.meta.dirname, '../..');
const debian = [
  'Package: libc6\nArchitecture: amd64\nVersion: 2.36-9+deb12u14\nDescription: GNU C Library\n Package: of a kind',
  'Package: netbase\nStatus: install ok installed\nArchitecture: all\nVersion: 1:6.4',
  'Package: gone\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1',
].join('\n\n');
const inputs = ['src/main.ts', 'node_modules/zod/v4/index.js', 'node_modules/zod/v4/core/api.js', 'node_modules/@kubernetes/client-node/dist/config.js', 'unused:undici', 'builtin:fs?node_modules/execa/index.js'];
let components: readonly Component[];
let bill: string;

/** Of the format's own schemas, which the package carries; without their formats of dates and addresses. */
function schemaErrors(document: unknown): unknown {
  const schemas = join(dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const [bom = '', ...referred] = [`bom-${Spec.Version.v1dot6}`, 'spdx', 'jsf-0.82', 'cryptography-defs'].map((name) => `${name}.SNAPSHOT.schema.json`);
  const read = (file: string): object => JSON.parse(readFileSync(join(schemas, file), 'utf8')) as object;
  // They refer to each other by the names of their files.
  for (const file of referred) ajv.addSchema(read(file), `http://cyclonedx.org/schema/${file}`);
  const validate = ajv.compile(read(bom));
  return validate(document) ? [] : validate.errors;
}

function billOf(parts: readonly Component[], revision = 'abc'): string {
  return billOfMaterials({ version: '1.2.3', revision, seconds: 1_700_000_000, base: `base@sha256:${'0'.repeat(64)}`, components: parts });
}

beforeAll(async () => {
  components = [...(await npmComponents(root, inputs)), ...parsePackages(debian, 'debian-12')];
  bill = billOf(components);
});

test('it is CycloneDX 1.6 as the format’s own schema wants it', () => {
  expect(schemaErrors(JSON.parse(bill))).toEqual([]);
  expect(JSON.parse(bill)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: '2023-11-14T22:13:20.000Z' } });
});

test('the schema would tell a bill that is wrong', () => {
  expect(schemaErrors({ ...(JSON.parse(bill) as object), specVersion: '1.6', components: [{ type: 'nonsense', name: 'x' }] })).not.toEqual([]);
});

test('it names each package once, with its version, however many of its files are in the bundle', () => {
  const purls = components.map(({ purl }) => purl.replace(/@[0-9.]+$/, '@…'));
  expect(purls).toEqual(['pkg:npm/%40kubernetes/client-node@…', 'pkg:npm/zod@…', 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12', 'pkg:deb/debian/netbase@1%3A6.4?arch=all&distro=debian-12']);
});

test('a package of npm comes with its licence, and with the hash that the lock file pins', () => {
  const zod = components.find(({ name }) => name === 'zod');
  expect(zod?.licenses).toEqual([{ license: { id: 'MIT' } }]);
  expect(zod?.hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) as string }]);
});

test('everything in it is a part of the image, by references that resolve', () => {
  const { metadata, dependencies, components: listed } = JSON.parse(bill) as { metadata: { component: { 'bom-ref': string } }; dependencies: { ref: string; dependsOn: string[] }[]; components: { 'bom-ref': string }[] };
  expect(dependencies).toEqual([{ ref: metadata.component['bom-ref'], dependsOn: listed.map((component) => component['bom-ref']) }]);
});

test('the same parts give the same document, other parts another one', () => {
  const serial = (text: string): unknown => (JSON.parse(text) as { serialNumber: unknown }).serialNumber;
  expect(billOf(components)).toBe(bill);
  expect(serial(bill)).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(serial(billOf(components.slice(1)))).not.toBe(serial(bill));
  expect(serial(billOf(components, 'def'))).not.toBe(serial(bill));
});

test('a package inside of another one is told from one of the same name outside', () => {
  expect(packageDirectories(['node_modules/a/x.js', 'node_modules/a/node_modules/@b/c/y.js', 'node_modules/@b/c/y.js', 'src/main.ts'])).toEqual(['node_modules/@b/c', 'node_modules/a', 'node_modules/a/node_modules/@b/c']);
});

test('a package of Debian that was removed is not named, and neither is a line of a description', () => {
  expect(parsePackages(debian, 'debian-12').map(({ name }) => name)).toEqual(['libc6', 'netbase']);
});
