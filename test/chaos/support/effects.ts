// Whether what several runs did together is what one undisturbed run does: requests that create and delete, object by object. Pure.

import type { AuditEvent } from '../../../bench/audit.ts';
import { isNameOf, normal } from './leftovers.ts';
import { describeWrite, isWrite } from './writes.ts';

/** What one undisturbed rebuild asked for: of its own release, and of the one that it retired. */
export interface Effects {
  readonly creates: readonly string[];
  readonly deletes: readonly string[];
}

export interface Judged {
  readonly problems: readonly string[];
  /** Deletions that were granted for an object whose deletion had been granted before: they change nothing. */
  readonly repeatedDeletes: number;
  /** Candidates that were thrown away and made anew under the same name, or given up. */
  readonly thrownAway: number;
}

/** The releases by name: which was live before, and which one is in the end. */
export interface Ends {
  readonly environment: string;
  readonly before: string;
  readonly after: string;
}

export function effectsOf(events: readonly AuditEvent[], { environment, before, after }: Ends): Effects {
  const keys = (verb: 'create' | 'delete', release: string): readonly string[] => effective(events, verb).filter((event) => releaseOf(event, environment) === release).map((event) => keyOf(event, environment));
  return { creates: keys('create', after).toSorted(), deletes: unique(keys('delete', before)) };
}

/** Compares with a run without kills. Every life of a release counts for itself: it begins when its namespace is made. */
export function judge(events: readonly AuditEvent[], ends: Ends, clean: Effects): Judged {
  const { environment, before, after } = ends;
  const lives = livesOf(events, environment);
  const last = lives.findLast(({ release }) => release === after);
  const deletes = effective(events, 'delete').filter((event) => releaseOf(event, environment) === before).map((event) => keyOf(event, environment));
  const unknown = events.filter((event) => event.verb === 'delete' && event.code === unanswered && releaseOf(event, environment) === before).map((event) => keyOf(event, environment));
  const problems = [
    ...compare(clean.creates, last?.creates ?? [], `made for ${after}`),
    ...compare(clean.deletes, unique(deletes), `deleted of ${before}`).filter((problem) => !unknown.some((key) => problem.endsWith(`: ${key}`))),
    ...lives.flatMap(({ release, creates }) => repeated(creates).map((key) => `${release}: ${key} twice in one life`)),
  ];
  return { problems, repeatedDeletes: deletes.length - unique(deletes).length, thrownAway: lives.length - 1 };
}

/** What was written on something that is not this environment's, by its name or by its namespace. */
export function strays(events: readonly AuditEvent[], environment: string): readonly string[] {
  const isOwn = ({ namespace = '', name = '' }: AuditEvent): boolean => isNameOf(environment, namespace) || isNameOf(environment, name);
  return unique(events.filter((event) => isWrite(event) && !isOwn(event)).map((event) => `wrote on what is not its own: ${describeWrite(event)}`));
}

/** Whoever asked was gone before the answer was ready: it may have been done, and was, if the next one finds nothing. */
const unanswered = 504;

interface Life {
  readonly release: string;
  readonly creates: string[];
}

function livesOf(events: readonly AuditEvent[], environment: string): readonly Life[] {
  const lives: Life[] = [];
  for (const event of effective(events, 'create')) {
    const release = releaseOf(event, environment);
    if (release === undefined) continue;
    if (event.resource === 'namespaces') lives.push({ release, creates: [] });
    lives.findLast((life) => life.release === release)?.creates.push(keyOf(event, environment));
  }
  return lives;
}

function effective(events: readonly AuditEvent[], verb: string): readonly AuditEvent[] {
  return events.filter((event) => event.verb === verb && isWrite(event) && event.subresource === undefined);
}

function releaseOf({ namespace = '', name = '' }: AuditEvent, environment: string): string | undefined {
  const release = new RegExp(`^${environment}-[a-z0-9]{5}$`);
  return [namespace, name].find((text) => release.test(text));
}

function keyOf({ verb, resource, name }: AuditEvent, environment: string): string {
  return normal(`${verb} ${resource} ${name}`, environment);
}

function compare(clean: readonly string[], now: readonly string[], what: string): readonly string[] {
  const missing = clean.filter((key) => !now.includes(key)).map((key) => `not ${what}: ${key}`);
  const more = now.filter((key) => !clean.includes(key)).map((key) => `${what}, and not in a run without kills: ${key}`);
  return [...missing, ...more];
}

function repeated(keys: readonly string[]): readonly string[] {
  return unique(keys.filter((key, index) => keys.indexOf(key) !== index));
}

function unique(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].toSorted();
}
