// A chart's folder, checked before Helm reads it: complete, of bounded size, and with no link that leads out of it.

import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import * as z from 'zod';
import { readBoundedFile } from '../../bounded-file.ts';
import { DriverError } from '../failure.ts';
import { mostBytes, readArchive } from './chart-archive.ts';
import { strayReference } from './chart-schema.ts';
import type { LocalChart } from './helm.ts';
import { helmDocuments } from './helm-yaml.ts';

const chartFile = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  dependencies: z.array(z.looseObject({ name: z.string().min(1) })).nullish(),
});

const mostFiles = 10_000;
const mostTextBytes = 1024 * 1024;
/** Comments and annotations of many lines count as one each. */
const chartFileBounds = { mostInDocument: 10_000, mostInAll: 10_000 };
/** In a chart and all that lie in it; those that are made of others have some dozens. */
const mostCharts = 100;

/** What is left for a chart and all that lie in it: each by itself may be small. */
interface Allowance {
  charts: number;
  /** Of archives, unpacked. */
  bytes: number;
  /** Of what is parsed. */
  textBytes: number;
}

/** Rejects 'notFound' when there is no such folder, 'invalid' with what is wrong with it. */
export async function readChart(directory: string): Promise<Omit<LocalChart, 'origin' | 'identity'>> {
  const bytes = await assertHarmless(directory);
  const allowance = { charts: mostCharts, bytes: mostBytes, textBytes: 2 * mostTextBytes };
  const { name, version } = await readFolder(directory, allowance);
  return { directory, name, version, bytes: bytes + mostBytes - allowance.bytes };
}

async function readFolder(directory: string, allowance: Allowance): Promise<z.infer<typeof chartFile>> {
  takeOne(directory, allowance);
  const chart = parseChartFile(take(await chartText(directory), directory, allowance), directory);
  assertOwnReferences(take(await textOf('values.schema.json', directory), directory, allowance), directory);
  const present = await chartsIn(join(directory, 'charts'), allowance);
  const missing = (chart.dependencies ?? []).filter((dependency) => !present.includes(dependency.name));
  if (missing.length > 0) {
    const names = missing.map((dependency) => dependency.name).join(', ');
    throw chartError(directory, `it lacks its dependencies ${names}; run "helm dependency build" and ship the charts/ folder with it`);
  }
  return chart;
}

function takeOne(where: string, allowance: Allowance): void {
  allowance.charts -= 1;
  if (allowance.charts < 0) throw chartError(where, `there are more than ${mostCharts} charts in one; take some out of its charts/ folder`);
}

function take<T extends string | undefined>(text: T, where: string, allowance: Allowance): T {
  allowance.textBytes -= text?.length ?? 0;
  if (allowance.textBytes < 0) throw chartError(where, `there is more than ${2 * mostTextBytes} bytes of Chart.yaml and values.schema.json in it and the charts in it`);
  return text;
}

async function chartText(directory: string): Promise<string> {
  const text = await textOf('Chart.yaml', directory);
  if (text === undefined) throw chartError(directory, 'there is no Chart.yaml in it');
  return text;
}

/** Undefined when it is not there. */
async function textOf(file: string, directory: string): Promise<string | undefined> {
  try {
    return Buffer.from(await readBoundedFile(join(directory, file), { mostBytes: mostTextBytes })).toString('utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT') return undefined;
    throw chartError(directory, `its ${file} cannot be read (${code === 'EFBIG' ? `it is larger than ${mostTextBytes} bytes` : code})`);
  }
}

function assertOwnReferences(schema: string | undefined, where: string): void {
  const stray = schema === undefined ? undefined : strayReference(schema);
  if (stray !== undefined) throw chartError(where, `its values.schema.json refers to ${stray}, which lies outside of it`);
}

export function parseChartFile(text: string, where: string): z.infer<typeof chartFile> {
  try {
    return chartFile.parse(helmDocuments(text, chartFileBounds).next().value);
  } catch (error) {
    throw chartError(where, `its Chart.yaml is not one: ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}`);
  }
}

/** Names of the charts that lie in `charts/`, as folders or archives, each of them checked as well: one after another, so that one at a time is in memory. */
async function chartsIn(directory: string, allowance: Allowance): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.name.endsWith('.tgz')) names.push(await nameInArchive(path, allowance));
    else if (entry.isDirectory()) names.push((await readFolder(path, allowance)).name);
  }
  return names;
}

async function nameInArchive(path: string, allowance: Allowance): Promise<string> {
  takeOne(path, allowance);
  const files = await readArchive(path, allowance.bytes);
  allowance.bytes -= files.reduce((sum, { content }) => sum + content.length, 0);
  const found = files.find((file) => /^[^/]+\/Chart\.yaml$/.test(file.path));
  if (found === undefined) throw chartError(path, 'there is no Chart.yaml in it');
  for (const { content } of files.filter((file) => file.path.endsWith('/values.schema.json'))) assertOwnReferences(textIn(content, path, allowance), path);
  return parseChartFile(textIn(found.content, path, allowance), path).name;
}

function textIn(content: Buffer, path: string, allowance: Allowance): string {
  if (content.length > mostTextBytes) throw chartError(path, `its Chart.yaml or a values.schema.json in it is larger than ${mostTextBytes} bytes`);
  return take(content.toString('utf8'), path, allowance);
}

/** Helm follows links and reads what they lead to, e.g. this machine's own secrets, into the release. Resolves with the size of all. */
async function assertHarmless(directory: string): Promise<number> {
  const root = await realpath(directory).catch(() => {
    throw new DriverError({ reason: 'notFound', attempted: `chart ${directory}`, detail: 'there is no such folder' });
  });
  return walk(root);
}

/** As Helm walks: into links as well, of which a few are enough to make more files than there are. */
async function walk(root: string): Promise<number> {
  const folders = [''];
  let files = 0;
  let bytes = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const name of await readdir(join(root, folder))) {
      const path = join(folder, name);
      const found = await harmless(root, path);
      files += 1;
      bytes += found.size;
      if (files > mostFiles) throw chartError(root, `it has more than ${mostFiles} files`);
      if (bytes > mostBytes) throw chartError(root, `it is larger than ${mostBytes} bytes`);
      if (found.isDirectory()) folders.push(path);
    }
  }
  return bytes;
}

async function harmless(root: string, path: string): Promise<Stats> {
  const itself = await lstat(join(root, path));
  if (itself.isSymbolicLink()) await assertInside(root, path);
  const found = itself.isSymbolicLink() ? await stat(join(root, path)) : itself;
  if (!found.isFile() && !found.isDirectory()) throw chartError(root, `${path} is neither a file nor a folder`);
  return found;
}

async function assertInside(root: string, path: string): Promise<void> {
  const target = await realpath(join(root, path)).catch(() => '(nowhere)');
  if (!target.startsWith(root + sep)) throw chartError(root, `the link ${path} leads out of it, to ${target}`);
}

function chartError(where: string, detail: string): DriverError {
  return new DriverError({ reason: 'invalid', attempted: `chart ${basename(where)} (${where})`, detail });
}
