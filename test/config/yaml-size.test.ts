// How much is taken of a YAML text, before anybody parses it.

import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/config/yaml.ts';
import { parseManifest } from '../../src/drivers/helm/manifest.ts';
import { sizeOf } from '../../src/yaml-size.ts';

describe('the size of a YAML text', () => {
  it('grows with the texts and signs in it', () => {
    expect(sizeOf(`a: [${'x,'.repeat(50)}]\n`, 1_000) - sizeOf(`a: [${'x,'.repeat(5)}]\n`, 1_000)).toBe(135);
  });

  it('is not counted further than anybody wants to know', () => {
    expect(sizeOf(`a: [${'x,'.repeat(1_000_000)}]\n`, 40)).toBe(41);
  });

  it('does not grow with the lines of a block, which is one text', () => {
    expect(sizeOf(`a: |\n${'  line\n'.repeat(10_000)}`, 1_000)).toBeLessThan(20);
  });
});

const keys = Array.from({ length: 10_000 }, (_, index) => `a${index}: b`).join(', ');

describe('what somebody else wrote', () => {
  it('is refused before it is parsed when there is more in it than in any Kubernetes object', () => {
    expect(() => parseManifest(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: [${'x,'.repeat(110_000)}]\n`, 'helm template')).toThrow(/what was rendered is refused: there is more in one document/);
  });

  it('may have ten thousand keys: they are not compared each with each other, which would take a minute', () => {
    expect(parseManifest(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { ${keys} }\n`, 'helm template')).toHaveLength(1);
    expect(parseYaml({ file: 'prod.yaml', text: `global: { ${keys} }\n` })).toHaveProperty('root');
  }, 30_000);

  it('says of a rendered key that is there twice what Helm and the API server take: the last', () => {
    expect(parseManifest('apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, name: b }\n', 'helm template')).toMatchObject([{ metadata: { name: 'b' } }]);
  });

  it('tells of a key of an environment that is there twice, and where', () => {
    expect(parseYaml({ file: 'prod.yaml', text: 'drain:\n  soak: 1m\n  soak: 2m\n' })).toEqual({ problems: [{ at: { file: 'prod.yaml', line: 3, column: 3 }, message: 'key `soak` is given twice; keep one of the two' }] });
  });

  it('is told in a hundred problems, not in thousands', () => {
    const { problems } = parseYaml({ file: 'prod.yaml', text: `a: { ${Array.from({ length: 400 }, (_, index) => `k${index % 200}: b`).join(', ')} }\n` }) as { problems: readonly unknown[] };
    expect(problems).toHaveLength(100);
  });
});
