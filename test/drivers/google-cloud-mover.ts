// A program for tests: moves one name of a zone through the Google Cloud driver as the environment's own identity, and prints what
// came of it as JSON. Run as a process of its own, for which authority is trusted and who it is are told by its environment.

import { DriverError } from '../../src/drivers/failure.ts';
import { googleCloudProvider } from '../../src/drivers/dns/google-cloud.ts';

export type Outcome = { readonly reason: string; readonly detail: string | undefined } | Readonly<Record<'writable' | 'expected' | 'after', unknown>>;

const [endpoint = '', name = '', from = '', to = ''] = process.argv.slice(2);
const provider = googleCloudProvider({ project: undefined, readCredentials: undefined, endpoint, dnsServers: { production: ['127.0.0.1:53'] } });

async function move(): Promise<Outcome> {
  const zone = await provider.zone('production');
  const writable = await provider.writable(zone);
  const expected = await provider.read(zone, name);
  const set = (address: string) => ({ name, type: 'A' as const, ttl: 60, values: [address] });
  await provider.change(zone, { expected: [set(from)], desired: [set(to)] });
  return { writable, expected, after: await provider.read(zone, name) };
}

/** Any other error ends the program with it. */
function refused(error: unknown): Outcome {
  if (error instanceof DriverError) return { reason: error.reason, detail: error.detail };
  throw error;
}

console.log(JSON.stringify(await move().catch(refused)));
