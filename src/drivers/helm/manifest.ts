// Kubernetes objects from what Helm prints. Leaves nothing out: a document that is no object is an error.

import * as z from 'zod';
import type { KubernetesObject } from '../cluster/objects.ts';
import { DriverError } from '../failure.ts';
import { helmDocuments, HelmYamlError } from './helm-yaml.ts';

const objectSchema = z.looseObject({ apiVersion: z.string().min(1), kind: z.string().min(1), metadata: z.looseObject({ name: z.string().min(1) }) });
const listSchema = z.looseObject({ apiVersion: z.literal('v1'), kind: z.literal('List'), items: z.array(z.unknown()) });

/**
 * The whole of Prometheus' operator, 5.5 MB with dashboards, has 365,000, and its largest definition 61,000; 400 Deployments have 800,000. As
 * much as this is read in a second, in whatever shape: with what Helm may take it has to stay below five.
 */
const bounds = { mostInDocument: 200_000, mostInAll: 800_000 } as const;

/** The largest charts have some hundreds. */
const mostObjects = 5_000;

/** Empty documents are skipped, and lists taken apart. `attempted` is for the error: 'invalid' when something is no object. */
export function parseManifest(text: string, attempted: string): readonly KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  try {
    for (const document of helmDocuments(text, bounds)) {
      for (const object of objectsIn(document, attempted)) objects.push(object);
      if (objects.length > mostObjects) throw new HelmYamlError(`there are more than ${mostObjects} objects; make several charts of it`);
    }
  } catch (error) {
    if (!(error instanceof HelmYamlError)) throw error;
    throw invalid(attempted, `what was rendered is refused: ${error.message}`);
  }
  return objects;
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
