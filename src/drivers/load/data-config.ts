// The data configuration that a harvester is given: fetched or read as it is, and only checked to be JSON. Never changed.

import * as z from 'zod';
import { readBoundedFile } from '../../bounded-file.ts';
import { DriverError } from '../failure.ts';
import { secretTexts } from '../secret-texts.ts';
import type { Http } from '../http/http.ts';
import { bodyOf } from './answers.ts';

export interface DataConfig {
  readonly json: string;
  /** Descriptions of the jobs it names; undefined where it names none and the harvester makes them itself. */
  readonly jobs: readonly string[] | undefined;
}

/** `source` is a URL or a file. Rejects 'notFound', 'forbidden', 'unavailable', 'unreadable', or 'invalid' when it is not JSON. */
export async function readDataConfig(source: string, http: Http): Promise<DataConfig> {
  const json = /^https?:\/\//i.test(source) ? await fetched(source, http) : await fromFile(source);
  return { json, jobs: jobsIn(parsed(json, source)) };
}

const mostRedirects = 5;

/** As much as is taken from a URL. */
const mostBytes = 1024 * 1024;

async function fetched(source: string, http: Http): Promise<string> {
  let url = source;
  for (let followed = 0; followed <= mostRedirects; followed += 1) {
    const response = await http.request({ method: 'GET', url, headers: { accept: 'application/json' }, timeoutMs: 30_000 });
    const location = response.headers['location'];
    // Files behind a stable address are commonly served by way of a redirect; nothing secret is sent along.
    if (response.status >= 300 && response.status < 400 && location !== undefined) url = new URL(location, url).href;
    else return bodyOf(response, { attempted: `GET ${printable(source)}`, secrets: [] });
  }
  throw new DriverError({ reason: 'unreadable', attempted: `GET ${printable(source)}`, detail: `more than ${mostRedirects} redirects` });
}

async function fromFile(path: string): Promise<string> {
  try {
    return Buffer.from(await readBoundedFile(path, { mostBytes })).toString('utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DriverError({ reason: code === 'ENOENT' ? 'notFound' : 'unreadable', attempted: `read ${path}`, detail: code, cause: error });
  }
}

function parsed(json: string, source: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not even as a cause: the parser's message quotes the text.
    throw new DriverError({ reason: 'invalid', attempted: `read ${printable(source)}`, detail: 'the data configuration is not JSON' });
  }
}

const withJobs = z.object({ jobConfigurations: z.array(z.object({ description: z.string() })).min(1) });

function jobsIn(dataConfig: unknown): readonly string[] | undefined {
  return withJobs.safeParse(dataConfig).data?.jobConfigurations.map(({ description }) => description);
}

/** What an error must not repeat, should the other side send it back: every text but the jobs' descriptions, which are told anyway. */
export function textsOf({ json, jobs = [] }: DataConfig): readonly string[] {
  return secretTexts(JSON.parse(json), jobs);
}

/** Without user name, password and query, any of which may be a secret. */
function printable(source: string): string {
  if (!URL.canParse(source) || !/^https?:/i.test(source)) return source;
  const { origin, pathname } = new URL(source);
  return `${origin}${pathname}`;
}
