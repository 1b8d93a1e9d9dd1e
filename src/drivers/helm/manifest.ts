// Kubernetes objects from what Helm prints. Leaves nothing out: a document that is no object is an error.

import { Composer, Parser, type Tags } from 'yaml';
import { z } from 'zod';
import type { KubernetesObject } from '../cluster/objects.ts';
import { isWithin } from '../../yaml-size.ts';
import { DriverError } from '../failure.ts';

const objectSchema = z.looseObject({ apiVersion: z.string().min(1), kind: z.string().min(1), metadata: z.looseObject({ name: z.string().min(1) }) });
const listSchema = z.looseObject({ apiVersion: z.literal('v1'), kind: z.literal('List'), items: z.array(z.unknown()) });

/** Helm's own YAML is of version 1.1 (`on` is true, `0644` octal), but it makes neither dates nor bytes of texts, and of a key that is there twice the last one counts. Errors quote no lines: these may be a Secret's. */
const asHelm = { version: '1.1', customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !/timestamp|binary/.test(tag.tag)), logLevel: 'silent', prettyErrors: false, uniqueKeys: false } as const;

/** The largest definitions of custom resources have half as much as one of these; 4 MB of 500 Deployments, which Helm hardly renders, two thirds of all. */
const bounds = { mostInDocument: 300_000, mostInAll: 1_500_000 } as const;

/** Empty documents are skipped, and lists taken apart. `attempted` is for the error: 'invalid' when something is no object. */
export function parseManifest(text: string, attempted: string): readonly KubernetesObject[] {
  return [...documentsIn(text, attempted)].flatMap((document) => objectsIn(document, attempted));
}

/** One after another: a parsed document takes fifty times the room of its text. */
function* documentsIn(text: string, attempted: string): Generator<unknown> {
  if (!isWithin(text, bounds)) throw invalid(attempted, 'there is more in what was rendered than in any Kubernetes object');
  for (const document of new Composer(asHelm).compose(new Parser().parse(text))) {
    const [error] = document.errors;
    if (error !== undefined) throw invalid(attempted, error.message);
    yield document.toJS();
  }
}

function objectsIn(value: unknown, attempted: string): readonly KubernetesObject[] {
  if (value === null || value === undefined) return [];
  const list = listSchema.safeParse(value);
  if (list.success) return list.data.items.flatMap((item) => objectsIn(item, attempted));
  const object = objectSchema.safeParse(value);
  if (object.success) return [object.data as KubernetesObject];
  throw invalid(attempted, `a rendered document is not a Kubernetes object: ${z.prettifyError(object.error)}`);
}

function invalid(attempted: string, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted, detail });
}
