// What a run intends to do, as data: printable, hashed, kept in the record. Made once, before anything is written.

import * as z from 'zod';

export const recordSet = z.object({
  name: z.string(),
  type: z.enum(['A', 'AAAA', 'CNAME']),
  ttl: z.int(),
  values: z.array(z.string()),
});

const plannedName = z.object({
  zone: z.string(),
  /** Fully qualified, with the trailing dot. */
  name: z.string(),
  service: z.string(),
  /** Seconds, for the new answer: the present TTL, or the configured one for a new name. */
  ttl: z.int(),
  /** What the zone held when the plan was made: the swap must find exactly this. */
  before: z.array(recordSet),
});
export type PlannedName = z.infer<typeof plannedName>;

const releaseIdentity = z.object({ name: z.string(), namespaceUid: z.string() });
export type ReleaseIdentity = z.infer<typeof releaseIdentity>;

export const plan = z.object({
  operation: z.string(),
  environment: z.string(),
  cluster: z.string(),
  /** The release that is to become live: a new name for a rebuild, an existing release for a rollback. */
  candidate: z.string(),
  /** Helm's name of the candidate, where it is another: an adopted release that a rollback returns to. */
  helmRelease: z.string().optional(),
  /** The live release; undefined on a first rebuild. */
  previous: releaseIdentity.optional(),
  /** Its candidate is new and belongs to this run: it may be deleted when the run fails. */
  createsCandidate: z.boolean(),
  names: z.array(plannedName),
  /** Remove `previous` at the end. */
  deletePrevious: z.boolean(),
  /** Candidates of earlier, failed runs, which this run removes first. */
  leftovers: z.array(releaseIdentity),
  /** The public was on one of them: how long answers that lead there may still be held. */
  leftoverTtlSeconds: z.number().optional(),
  /** Other releases of this environment, which stay. */
  kept: z.array(z.string()),
  /** For people: where it was fetched from. */
  chart: z.string().optional(),
  /** What was fetched, and nothing else is installed. Undefined in records of versions that did not know it. */
  chartIdentity: z.string().optional(),
  /** A runner is installed in this cluster: Helm works as the installer account of each release, and not as the caller. */
  installer: z.boolean().optional(),
  /** From earlier runs; undefined when there are none. */
  estimateMs: z.number().optional(),
});

/** Zones, names and releases of one run; a value object without behaviour. */
export type Plan = z.infer<typeof plan>;
