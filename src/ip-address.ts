// One spelling for each IP address, for all that compares them.

import { isIPv6, SocketAddress } from 'node:net';

/**
 * As Go, BIND and dig write it (RFC 5952): of an IPv6 address there are many spellings, and what reads DNS has one of its own. Anything else as
 * it is.
 */
export function canonicalAddress(text: string): string {
  return isIPv6(text) && !text.includes('%') ? new SocketAddress({ address: text, family: 'ipv6' }).address : text;
}
