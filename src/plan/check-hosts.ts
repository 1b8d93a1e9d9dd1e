// Which configured public name the host of an HTTP check belongs to. Pure: compares texts, resolves nothing.

import type { DnsName } from '../config/sections/dns.ts';
import type { HttpCheck } from '../config/sections/checks.ts';

/**
 * The entry of `dns` that a URL's host falls under: the very name, or else the closest wildcard above it
 * (RFC 4592: `*.example.org` also covers `a.b.example.org`, never `example.org` itself). Undefined when there is none.
 */
export function dnsNameOf<Name extends Pick<DnsName, 'name'>>(url: string, names: readonly Name[]): Name | undefined {
  const host = bare(new URL(url).hostname);
  const covering = names.filter(({ name }) => bare(name) === host || isUnderWildcard(host, bare(name)));
  return covering.find(({ name }) => bare(name) === host) ?? covering.toSorted((a, b) => b.name.length - a.name.length)[0];
}

/** One sentence for each check whose host is no configured name: there would be no address to connect to. */
export function checkHostProblems(checks: readonly Pick<HttpCheck, 'url'>[], names: readonly Pick<DnsName, 'name'>[]): readonly string[] {
  return checks
    .filter(({ url }) => dnsNameOf(url, names) === undefined)
    .map(({ url }) => `${new URL(url).hostname} is not among the names under \`dns\`: ${names.map(({ name }) => bare(name)).join(', ')}`);
}

function isUnderWildcard(host: string, name: string): boolean {
  return name.startsWith('*.') && host.endsWith(name.slice(1)) && host.length > name.length - 1;
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
