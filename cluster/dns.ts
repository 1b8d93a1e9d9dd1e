// Empties the zones of the cluster's name servers through signed updates, so that the secondary follows as ever.
import { run } from './command.ts';
import type { Connection } from './connection.ts';
import { soaOf } from './readiness.ts';
import { until } from './wait.ts';

/** Returns when both servers have the empty zones. Nothing is written when they are empty already. */
export async function resetZones(dns: Connection['dns']): Promise<void> {
  for (const zone of dns.zones) {
    const { address } = dns.primary;
    const transfer = ['dig', `@${address}`, '-k', dns.tsigKeyFile, '+noall', '+answer', '+onesoa', 'AXFR', zone] as const;
    const input = emptyingUpdate(zone, { server: address, transfer: await run(transfer) });
    if (input !== undefined) await run(['nsupdate', '-k', dns.tsigKeyFile], { input });
    const serial = await soaOf(address, zone);
    await until(`${zone} on the secondary`, 10_000, async () =>
      (await soaOf(dns.secondary.address, zone)) === serial ? true : undefined,
    );
  }
}

/** The nsupdate script that removes every record of a transfer but those of the name servers; undefined when none is left. */
export function emptyingUpdate(zone: string, from: { server: string; transfer: string }): string | undefined {
  const kept = new Set([`${zone}.`, `ns1.${zone}.`, `ns2.${zone}.`]);
  const rows = from.transfer.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
  const owners = new Set(rows.map((row) => row.split(/\s/)[0] ?? ''));
  const deletions = [...owners].filter((owner) => !kept.has(owner)).map((owner) => `update delete ${owner}`);
  // Records of other types at the zone's own name came by updates as well.
  const atApex = rows.map((row) => row.split(/\s+/)).filter(([owner]) => owner === `${zone}.`);
  const types = new Set(atApex.map(([, , , type = '']) => type).filter((type) => type !== 'SOA' && type !== 'NS'));
  deletions.push(...[...types].map((type) => `update delete ${zone}. ${type}`));
  if (deletions.length === 0) return undefined;
  return [`server ${from.server}`, `zone ${zone}`, ...deletions, 'send', ''].join('\n');
}
