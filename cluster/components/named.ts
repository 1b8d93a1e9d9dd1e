// BIND as the public's name servers: a primary that takes signed updates, and a secondary that follows within milliseconds.
import { join } from 'node:path';
import { zones, type Layout } from '../layout.ts';
import type { Component } from './component.ts';

export interface NamedFiles {
  readonly queryLog: string;
  readonly updateLog: string;
  readonly tsigKey: string;
}

export function namedFiles(layout: Layout): NamedFiles {
  return {
    queryLog: join(layout.logsDir, 'dns-queries.log'),
    updateLog: join(layout.logsDir, 'dns-updates.log'),
    tsigKey: join(layout.runDir, 'tsig.key'),
  };
}

/** The format of `nsupdate -k`; the secret is made anew for each boot. */
export function tsigKey(secret: string): string {
  return `key "changeover" {\n\talgorithm hmac-sha256;\n\tsecret "${secret}";\n};\n`;
}

export function primary(layout: Layout): Component {
  const directory = join(layout.runDir, 'named-primary');
  const zoneFiles = zones.map((zone) => [join(directory, zone), zoneFile(layout, zone)] as const);
  return named(layout, 'named-primary', {
    files: Object.fromEntries(zoneFiles),
    configuration: primaryConfiguration(layout, directory),
  });
}

export function secondary(layout: Layout): Component {
  const directory = join(layout.runDir, 'named-secondary');
  return named(layout, 'named-secondary', {
    files: {},
    configuration: secondaryConfiguration(layout, directory),
  });
}

/** A copy of Debian's: an AppArmor profile that goes by the path of the original would keep it out of our directories. */
export function namedProgram(layout: Layout): string {
  return join(layout.runDir, 'named');
}

function named(
  layout: Layout,
  name: string,
  parts: { files: Record<string, string>; configuration: string },
): Component {
  const config = join(layout.runDir, name, 'named.conf');
  return {
    name,
    argv: [namedProgram(layout), '-f', '-c', config],
    files: { ...parts.files, [config]: parts.configuration },
  };
}

/** The query log in a file of its own, one line for each question: tests read who still asks. */
function primaryConfiguration(layout: Layout, directory: string): string {
  const { addresses } = layout;
  const files = namedFiles(layout);
  const zone = (name: string): string => `zone "${name}" {
  type primary;
  file "${join(directory, name)}";
  allow-update { key "changeover"; };
  allow-transfer { key "changeover"; ${addresses.secondary}; };
  also-notify { ${addresses.secondary}; };
};`;
  return `include "${files.tsigKey}";
${options(directory, addresses.primary)}
logging {
  channel queries { file "${files.queryLog}"; print-time iso8601; };
  channel updates { file "${files.updateLog}"; print-time iso8601; print-category yes; };
  channel other { stderr; print-time iso8601; print-category yes; };
  category default { other; };
  category queries { queries; };
  category update { updates; };
  category update-security { updates; };
};
${zones.map(zone).join('\n')}
`;
}

/** Takes the zones from the primary only; its copies are files, for transfers of differences (IXFR) to build on. */
function secondaryConfiguration(layout: Layout, directory: string): string {
  const { addresses } = layout;
  const zone = (name: string): string => `zone "${name}" {
  type secondary;
  file "${join(directory, name)}";
  primaries { ${addresses.primary}; };
  min-retry-time 1;
  max-retry-time 1;
};`;
  return `${options(directory, addresses.secondary)}
logging {
  channel other { stderr; print-time iso8601; print-category yes; };
  category default { other; };
};
${zones.map(zone).join('\n')}
`;
}

/** An authoritative server and nothing else: no recursion, no control channel, one address. */
function options(directory: string, address: string): string {
  return `options {
  directory "${directory}";
  pid-file "${join(directory, 'named.pid')}";
  session-keyfile "${join(directory, 'session.key')}";
  listen-on { ${address}; };
  listen-on-v6 { none; };
  query-source address ${address};
  notify-source ${address};
  transfer-source ${address};
  recursion no;
  dnssec-validation no;
  querylog yes;
  notify explicit;
  # The defaults wait seconds to gather changes: a change here should be on both servers at once.
  notify-delay 0;
  notify-rate 1000;
  serial-query-rate 1000;
  transfers-per-ns 100;
};
controls { };`;
}

/** The smallest whole zone: who is responsible, the two servers, and their addresses as glue. */
function zoneFile(layout: Layout, zone: string): string {
  const { primary: first, secondary: second } = layout.addresses;
  return `$TTL 5
@ SOA ns1 hostmaster 1 3600 60 86400 5
@ NS ns1
@ NS ns2
ns1 A ${first}
ns2 A ${second}
; ${zone}: everything else comes and goes by signed updates.
`;
}
