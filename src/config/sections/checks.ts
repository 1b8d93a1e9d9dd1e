// `readiness`, `verify`, `swap`, `drain` and `retire`: what must hold before, during and after the public moves.

import * as z from 'zod';
import { duration, label, pause } from '../values.ts';
import { jobSource } from './load.ts';

const unreadyObject = z.strictObject({
  kind: z.string().min(1).describe('Kind, such as Deployment'),
  name: label.describe('Name of the object'),
});

export const readiness = z.strictObject({
  timeout: duration.prefault('20m').describe('Until all objects must be ready at once, and the Services of the public names answer from outside. Other Services, which may be internal or speak UDP, need an address and ready pods, and are not asked'),
  mayStayUnready: z.array(unreadyObject).default([]).describe('Objects that need not become ready'),
});

const regularExpression = z.string().refine(isRegularExpression, { error: 'must be a regular expression of JavaScript' });

const httpCheck = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' }).describe('With the public name as host; the candidate’s own address is connected to'),
  status: z.int().min(100).max(599).default(200).describe('Status that must come back'),
  bodyContains: z.string().optional().describe('Text that must occur in the body'),
  bodyMatches: regularExpression.optional().describe('Regular expression that must match the body'),
  headers: z.record(z.string(), z.string()).default({}).describe('Sent with the request'),
  insecure: z.boolean().default(false).describe('Accept a certificate that does not verify'),
  timeout: duration.prefault('10s').describe('For one request'),
});
export type HttpCheck = z.infer<typeof httpCheck>;

const checkJob = z.strictObject({
  name: label.describe('Name of the check in messages'),
  job: jobSource.describe('A Kubernetes Job that ends well when all is well'),
  timeout: duration.prefault('10m').describe('Until it must have ended'),
});

export const verify = z.strictObject({
  http: z.array(httpCheck).default([]).describe('Requests to the candidate'),
  helmTest: z.boolean().default(false).describe('Run `helm test`'),
  jobs: z.array(checkJob).default([]).describe('Jobs that check the candidate from inside'),
  timeout: duration.prefault('5m').describe('For the HTTP checks to pass, and for helm test'),
});

export const swap = z.strictObject({
  timeout: duration.prefault('2m').describe('Until every authoritative server must give the new answer; on the way back also how long what does not answer is tried again, at least ten minutes'),
  ownerRecords: z.boolean().default(true).describe('Keep a TXT record `_changeover.NAME` beside each name, which says who moved it last, and without which a late change of a runner that has lost its lock is not refused'),
  replaceForeign: z.boolean().default(false).describe('Take over names that point to addresses of no release of this environment'),
});

export const drain = z.strictObject({
  soak: duration.prefault('1m').describe('How long the checks of `verify.http` are repeated after the longest TTL has passed; one that fails twice in a row swaps back. Without any, this is only a wait: check Jobs and `helm test` run once, before the swap'),
  every: pause.prefault('5s').describe('Pause between two rounds of the HTTP checks, while the public moves and in the soak'),
});

export const retire = z.strictObject({
  timeout: duration.prefault('10m').describe('Until the old namespace must be gone'),
});

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
