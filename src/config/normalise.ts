// From what the files say to what the program works with: absolute paths, the classic `dataConfig` as a load job. Pure.

import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import type { Environment } from './environment.ts';
import { childOf, typeNameOf } from './schema.ts';
import type { JobListConfig, LoadJob } from './sections/load.ts';
import type { Node } from './tree.ts';
import { path, urlOrFile } from './values.ts';

/** The same tree, every path in it absolute: relative paths start from the folder of the file they stand in. */
export function withAbsolutePaths(node: Node, schema: z.ZodType | undefined, cwd: string): Node {
  if (schema === undefined) return node;
  if (node.kind === 'scalar') return isFile(node.value, schema) ? { ...node, value: resolve(cwd, dirname(node.at.file), node.value) } : node;
  if (node.kind === 'list') return { ...node, items: node.items.map((item, index) => withAbsolutePaths(item, childOf(schema, index, undefined), cwd)) };
  const value = Object.fromEntries([...node.entries.keys()].map((key) => [key, true]));
  const entries = [...node.entries].map(([key, entry]) => [key, { ...entry, value: withAbsolutePaths(entry.value, childOf(schema, key, value), cwd) }] as const);
  return { ...node, entries: new Map(entries) };
}

function isFile(value: unknown, schema: z.ZodType): value is string {
  if (typeof value !== 'string' || value === '') return false;
  // By name, because `describe` makes a copy of the schema it is called on.
  const type = typeNameOf(schema);
  return type === typeNameOf(path) || (type === typeNameOf(urlOrFile) && !value.includes('://'));
}

/** `dataConfig` without `load` is the classic way to say: one job list, named harvest. */
export function withLoadJobs(environment: Environment): Environment {
  const { dataConfig, load } = environment;
  if (dataConfig === undefined) return environment;
  return { ...environment, load: load.length === 0 ? [harvest(dataConfig)] : load.map((job) => withData(job, dataConfig)) };
}

function withData(job: LoadJob, dataConfig: string): LoadJob {
  return 'jobList' in job ? { ...job, jobList: { dataConfig, ...job.jobList } } : job;
}

function harvest(dataConfig: string): LoadJob {
  return { name: 'harvest', ...classicDefaults, jobList: { ...classicJobList, dataConfig } };
}

const classicJobList: JobListConfig = { base: 'http://ingress.{namespace}.svc.cluster.local/harvester/api/1' };
const classicDefaults = { after: [], timeout: 48 * 3_600_000, retries: 0 };

