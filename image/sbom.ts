// The software bill of materials: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/. Pure: the same parts give the same text.
import { createHash } from 'node:crypto';

/** A part of the image, in the words of the format. */
export interface Component {
  readonly type: 'application' | 'library';
  readonly name: string;
  readonly version: string;
  /** https://github.com/package-url/purl-spec; also what the format's own cross-references use. */
  readonly purl: string;
  /** For finding vulnerabilities of programs that no package manager knows. */
  readonly cpe?: string;
  readonly hashes?: readonly { readonly alg: 'SHA-256' | 'SHA-512'; readonly content: string }[];
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[];
}

export interface BillOptions {
  readonly version: string;
  readonly revision: string;
  /** Since 1970. */
  readonly seconds: number;
  /** The image it stands on, by digest. */
  readonly base: string;
  readonly components: readonly Component[];
}

/** JSON text. */
export function billOfMaterials({ version, revision, seconds, base, components }: BillOptions): string {
  const main = { type: 'application', name: 'changeover', version, purl: `pkg:generic/changeover@${version}` } as const;
  const properties = [
    { name: 'changeover:revision', value: revision },
    { name: 'changeover:base', value: base },
  ];
  const contents = {
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1_000).toISOString(),
      component: { 'bom-ref': main.purl, ...main, licenses: [{ license: { id: 'Apache-2.0' } }], properties },
    },
    components: components.map((component) => ({ 'bom-ref': component.purl, ...component })),
    dependencies: [{ ref: main.purl, dependsOn: components.map(({ purl }) => purl) }],
  };
  const format = { $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialNumber(contents) };
  return `${JSON.stringify({ ...format, ...contents }, undefined, 2)}\n`;
}

/** A UUID out of the contents (RFC 9562, version 8), as two builds of one commit are one document. */
function serialNumber(contents: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(contents)).digest('hex');
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`, hash.slice(20, 32)];
  return `urn:uuid:${parts.join('-')}`;
}
