// The requests of the classic harvester's API, one function each, and what their answers must look like. Decides nothing.

import * as z from 'zod';
import type { Http, HttpRequest, HttpResponse } from '../http/http.ts';
import { bodyOf, jsonOf, unreadable, type Asked } from './answers.ts';
import { textsOf, type DataConfig } from './data-config.ts';
import { identifier, jobList, type JobList } from './list-state.ts';

export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export interface HarvesterApi {
  readonly asked: Asked;
  /** Resolves with the list's id. */
  submit(dataConfig: DataConfig): Promise<string>;
  show(id: string): Promise<JobList>;
  run(id: string): Promise<void>;
}

const jsonContent = { 'content-type': 'application/json; charset=utf-8' };

// The classic harvester makes one list of a data configuration, calls it 1, and does not say so in its answer.
const classicId = '1';
const submitted = z.object({ id: identifier.optional(), identifier: identifier.optional() });

export function harvesterApi(http: Http, base: string, { headers, secrets }: Authorization): HarvesterApi {
  const asked = (attempted: string): Asked => ({ attempted, secrets });
  const send = (request: Omit<HttpRequest, 'headers'>): Promise<HttpResponse> =>
    http.request({ ...request, headers: { ...headers, accept: 'application/json', ...(request.body !== undefined && jsonContent) } });

  return {
    asked: asked(`job lists at ${base}`),

    async submit(dataConfig) {
      const url = `${base}/data`;
      const response = await send({ method: 'POST', url, body: dataConfig.json, timeoutMs: 60_000 });
      const answer = submitted.safeParse(jsonOf(response, { attempted: `POST ${url}`, secrets: [...secrets, ...textsOf(dataConfig)] }));
      if (!answer.success) throw unreadable(asked(`POST ${url}`), 'the answer does not name a job list');
      return answer.data.id ?? answer.data.identifier ?? classicId;
    },

    async show(id) {
      const url = `${base}/job/list/${encodeURIComponent(id)}`;
      const answer = jobList.safeParse(jsonOf(await send({ method: 'GET', url, timeoutMs: 10_000 }), asked(`GET ${url}`)));
      if (!answer.success) throw unreadable(asked(`GET ${url}`), 'the answer is not a job list');
      return answer.data;
    },

    async run(id) {
      const url = `${base}/job/list/${encodeURIComponent(id)}/run`;
      const response = await send({ method: 'POST', url, timeoutMs: 30_000 });
      // 409: it was run before. What came of that, polling will tell.
      if (response.status === 409) return;
      if (bodyOf(response, asked(`POST ${url}`)).trim() !== '') jsonOf(response, asked(`POST ${url}`));
    },
  };
}
