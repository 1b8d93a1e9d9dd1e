// `readiness`, `verify`, `swap`, `drain` and `retire`: what must hold before, during and after the public moves.

import { z } from 'zod';
import { duration, label } from '../values.ts';
import { jobSource } from './load.ts';

export const readiness = z.strictObject({
  timeout: duration.prefault('20m'),
  mayStayUnready: z
    .array(z.strictObject({ kind: z.string().min(1), name: label }))
    .default([])
    .describe('Objects that need not become ready'),
});

const httpCheck = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('With the public name as host; the candidate’s own address is connected to'),
  status: z.int().min(100).max(599).default(200),
  bodyContains: z.string().optional(),
  bodyMatches: z.string().optional().describe('A regular expression'),
  headers: z.record(z.string(), z.string()).default({}).describe('Sent with the request'),
  insecure: z.boolean().default(false).describe('Accept a certificate that does not verify'),
  timeout: duration.prefault('10s'),
});
export type HttpCheck = z.infer<typeof httpCheck>;

export const verify = z.strictObject({
  http: z.array(httpCheck).default([]),
  helmTest: z.boolean().default(false),
  jobs: z.array(z.strictObject({ name: label, job: jobSource, timeout: duration.prefault('10m') })).default([]),
  timeout: duration.prefault('5m').describe('For the HTTP checks to pass, and for helm test'),
});

export const swap = z.strictObject({
  timeout: duration.prefault('2m').describe('Until every authoritative server must give the new answer'),
  replaceForeign: z.boolean().default(false).describe('Take over names that point to addresses of no release of this environment'),
});

export const drain = z.strictObject({
  soak: duration.prefault('1m').describe('How long verification is repeated after the longest TTL has passed'),
  every: duration.prefault('5s').describe('Pause between two rounds of verification'),
});

export const retire = z.strictObject({
  timeout: duration.prefault('10m').describe('Until the old namespace must be gone'),
});
