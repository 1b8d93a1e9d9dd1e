// What an authoritative server says, with every kind of "no" told apart. An answer from a cache is never taken for its own.

import type { Answer as ResourceRecord, DecodedPacket } from 'dns-packet';
import { exchange, questionError, type Question } from './exchange.ts';

export interface Authoritative {
  /** RFC 2308: the name itself does not exist (NXDOMAIN), with no record of any type. */
  readonly noSuchName: boolean;
  readonly answers: readonly ResourceRecord[];
  /** Addresses that the server added unasked, e.g. of name servers. */
  readonly additionals: readonly ResourceRecord[];
}

const responseCodes: Readonly<Record<number, string>> = { 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED', 9: 'NOTAUTH' };

/** Rejects 'unavailable' (SERVFAIL), 'forbidden' (REFUSED, NOTAUTH), 'unreadable' (any other code, or without authority). */
export async function askAuthority(question: Question): Promise<Authoritative> {
  const packet = await exchange(question);
  const code = responseCode(packet);
  if (code !== 0 && code !== 3) throw questionError(question, reasonOf(code), responseCodes[code] ?? `response code ${code}`);
  // Without AA it may be a cached answer or a referral: nothing that says what the zone holds.
  if (!packet.flag_aa) throw questionError(question, 'unreadable', 'the server has no authority for this name');
  return { noSuchName: code === 3, answers: packet.answers ?? [], additionals: packet.additionals ?? [] };
}

function reasonOf(code: number): 'unavailable' | 'forbidden' | 'unreadable' {
  if (code === 2) return 'unavailable';
  return code === 5 || code === 9 ? 'forbidden' : 'unreadable';
}

/** RFC 1035 section 4.1.1: the lowest four bits. */
function responseCode({ flags }: DecodedPacket): number {
  return (flags ?? 0) & 0xf;
}
