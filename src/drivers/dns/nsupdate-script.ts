// What nsupdate reads on standard input: one UPDATE message with its prerequisites. Pure.

import type { Server, TouchedNames, Zone, ZoneChange } from './dns.ts';
import { addressTypes, differenceOf, namesOf } from './record-sets.ts';
import type { TsigKey } from './tsig-key.ts';

export interface ScriptOptions {
  readonly server: Server;
  readonly zone: Zone;
  readonly key: TsigKey | undefined;
}

/**
 * For a change with normalised names and checked values (see changeInZone). A compare-and-swap: each expected record set must be there
 * with exactly these values (RFC 2136 section 2.4.2), every other one of its kind must not be there (2.4.3); then the deletions and
 * additions, all in one message.
 */
export function changeScript(options: ScriptOptions, change: ZoneChange): string {
  const { deletions, additions } = differenceOf(change);
  const { addresses, texts } = namesOf(change);
  return script(options, [
    ...addresses.flatMap((name) => addressTypes.flatMap((type) => prerequisite(name, type, change))),
    // An alias beside a text would make the server ignore the text, without a word.
    ...texts.flatMap((name) => [...prerequisite(name, 'TXT', change), `prereq nxrrset ${name} CNAME`]),
    // Deletions first: a server silently ignores an address added beside an alias, and the other way round (section 3.4.2.2).
    ...deletions.map(({ name, type }) => `update delete ${name} ${type}`),
    ...additions.flatMap(({ name, type, ttl, values }) => values.map((value) => `update add ${name} ${ttl} ${type} ${written(type, value)}`)),
  ]);
}

/**
 * A change that can never happen, because it demands that the zone's own name does not exist. A server that allows it says
 * YXDOMAIN, one that does not says REFUSED or NOTAUTH. BIND looks at permissions first since 9.18.11 (measured on 9.18.49),
 * with `update-policy` for each name in the message, hence the deletions. `answered`: names that had answers; NXDOMAIN says that only
 * a wildcard gave them (RFC 4592), which no prerequisite of a change could ever match. Prerequisites are looked at in their order.
 */
export function probeScript(options: ScriptOptions, { addresses, texts }: TouchedNames, answered: readonly string[]): string {
  const touched = [...addresses.map((name) => `${name} A`), ...texts.map((name) => `${name} TXT`)];
  const demanded = [...answered.map((name) => `prereq yxdomain ${name}`), `prereq nxdomain ${options.zone.origin}`];
  return script(options, [...demanded, ...touched.map((record) => `update delete ${record}`)]);
}

function script({ server, zone, key }: ScriptOptions, lines: readonly string[]): string {
  const head = [`server ${server.address} ${server.port}`, `zone ${zone.origin}`];
  // Standard input is read by nsupdate alone: unlike a key file, it leaves nothing behind when this process is killed.
  const signed = key === undefined ? [] : [`key ${key.algorithm}:${key.name} ${key.secret}`];
  return [...head, ...signed, ...lines, 'send', ''].join('\n');
}

function prerequisite(name: string, type: RecordType, { expected }: ZoneChange): readonly string[] {
  const set = expected.find((candidate) => candidate.name === name && candidate.type === type);
  if (set === undefined) return [`prereq nxrrset ${name} ${type}`];
  return set.values.map((value) => `prereq yxrrset ${name} ${type} ${written(type, value)}`);
}

type RecordType = ZoneChange['expected'][number]['type'];

/** Without quotes each word of a text would be a text of its own. */
function written(type: RecordType, value: string): string {
  return type === 'TXT' ? `"${value}"` : value;
}
