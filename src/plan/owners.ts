// The owner record beside a managed name: which environment has it, and under which epoch it was written last. Pure.

import type { TextSet } from '../drivers/dns/dns.ts';
import { isEpoch } from '../run/epoch.ts';

export interface Owner {
  readonly environment: string;
  /** To which the name led when it was written; undefined: to none. */
  readonly release: string | undefined;
  /** Of the lease under which it was written: no runner with a lower one may change the name. */
  readonly epoch: number;
  /** Counts up with every writing: no two are alike, so that a change which comes late never finds what it expects. */
  readonly change: number;
}

/** What is at the owner's name: nothing, an owner, or something that this program did not write. */
export interface HeldOwner {
  /** `_changeover.www.example.org.` */
  readonly name: string;
  readonly set: TextSet | undefined;
  readonly owner: Owner | undefined;
}

/** `_changeover.www.example.org.`; a wildcard's lies beside it, since its star may only be the first label (RFC 4592 section 2.1.1). */
export function ownerName(name: string): string {
  return name.startsWith('*.') ? `_changeover-any.${name.slice(2)}` : `_changeover.${name}`;
}

export function heldOwner(name: string, set: TextSet | undefined): HeldOwner {
  const [text, ...others] = set?.values ?? [];
  return { name: ownerName(name), set, owner: text === undefined || others.length > 0 ? undefined : parseOwner(text) };
}

/** Seconds. Nobody but runners reads it, and they ask the provider itself. */
const ttl = 60;

export function ownerSet({ name }: Pick<HeldOwner, 'name'>, { environment, release, epoch, change }: Owner): TextSet {
  const to = release === undefined ? '' : ` release=${release}`;
  return { name, type: 'TXT', ttl, values: [`changeover environment=${environment}${to} epoch=${epoch} change=${change}`] };
}

/** Keys that a later version adds are passed over. */
function parseOwner(text: string): Owner | undefined {
  const [heading, ...words] = text.split(' ');
  const fields = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  const environment = fields.get('environment');
  const [epoch, change] = [Number(fields.get('epoch')), Number(fields.get('change') ?? 0)];
  if (heading !== 'changeover' || environment === undefined || !isEpoch(epoch) || !Number.isSafeInteger(change)) return undefined;
  return { environment, release: fields.get('release'), epoch, change };
}

/** Why this environment must not change the name; undefined: it may. */
export function ownerProblem(name: string, { name: at, set, owner }: HeldOwner, environment: string): string | undefined {
  if (owner?.environment === environment || set === undefined) return undefined;
  if (owner === undefined) return `${at} TXT holds ${set.values.map((value) => JSON.stringify(value)).join(', ')}, which is no owner record: remove it (for a wildcard TXT that answers here, create ${name} first), or set swap.ownerRecords: false`;
  return `${name} belongs to environment ${owner.environment} (${at} TXT: release ${owner.release ?? 'none'}, epoch ${owner.epoch}): two environments must not move one name. If it has given the name up, remove that record`;
}

/** For people. */
export function describeOwner({ owner }: HeldOwner): string {
  if (owner === undefined) return 'nobody';
  return `environment ${owner.environment}, epoch ${owner.epoch}`;
}
