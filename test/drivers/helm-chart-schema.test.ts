// Where the references of a chart's schema may lead.

import { describe, expect, it } from 'vitest';
import { strayReference } from '../../src/drivers/helm/chart-schema.ts';

function schemaWith(reference: string): string {
  return JSON.stringify({ type: 'object', properties: { a: { items: [{ $ref: reference }] } } });
}

describe('a reference in values.schema.json', () => {
  it.each(['#/definitions/a', 'common.json', './parts/common.json#/a', 'https://json-schema.org/draft-07/schema#'])('may be %s', (reference) => {
    expect(strayReference(schemaWith(reference))).toBeUndefined();
  });

  it.each([
    '/dev/zero', '/dev/zero#', 'file:///etc/shadow', 'FILE:/etc/shadow', '../../secrets.json', 'parts/../../secrets.json', 'parts/%2e%2e/%2e%2e/a.json', '..\\a.json', 'C:/a.json', 'ftp://example.org/a', '//host/share/a.json',
  ])('must not be %s', (reference) => {
    expect(strayReference(schemaWith(reference))).toBe(reference);
  });

  it('is found wherever the base of references is moved to', () => {
    expect(strayReference(JSON.stringify({ $id: 'file:///etc/', properties: { a: { $ref: 'shadow' } } }))).toBe('file:///etc/');
    expect(strayReference(JSON.stringify({ $schema: 'file:///dev/zero' }))).toBe('file:///dev/zero');
  });

  it('is nobody’s concern in a text that is no JSON: Helm refuses that', () => {
    expect(strayReference('{')).toBeUndefined();
  });
});
