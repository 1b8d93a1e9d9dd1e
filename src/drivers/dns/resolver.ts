// Asks single servers what they really answer. Asks once, keeps no cache, and follows no alias.

import { askAuthority } from './authority.ts';
import type { Resolver } from './dns.ts';
import { absoluteName, recordSetsOf } from './record-sets.ts';
import { questionError } from './exchange.ts';

/** Per transport: an authoritative server on another continent answers in a fifth of a second. */
const defaultTimeoutMs = 2_000;

export function dnsResolver({ timeoutMs = defaultTimeoutMs }: { readonly timeoutMs?: number } = {}): Resolver {
  return {
    async query(server, name, type) {
      const question = { server, name: absoluteName(name), type, timeoutMs };
      const { noSuchName, answers } = await askAuthority(question);
      const records = recordSetsOf(name, answers).filter((set) => set.type === type || set.type === 'CNAME');
      // Before the response code: an alias to a name that does not exist is answered with NXDOMAIN as well (RFC 6604 section 2.1).
      if (records.length > 0) return { kind: 'answer', records };
      if (answers.length > 0) throw questionError(question, 'unreadable', 'the answer is about something else');
      return { kind: noSuchName ? 'noSuchName' : 'noData' };
    },
  };
}
