// A client as the public has them: resolves a name, keeps the answer for its TTL, asks the address. Never looks at the cluster.

import { request } from 'node:http';
import type { Resolver, Server } from '../../src/drivers/dns/dns.ts';

export interface PublicName {
  /** With the trailing dot. */
  readonly name: string;
  readonly path: string;
  /** Authoritative servers: each look-up goes to the next of them. */
  readonly servers: readonly Server[];
}

export interface Visit {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly address: string | undefined;
  /** Which release answered, as it says itself. */
  readonly release: string | undefined;
  /** Why it did not go well, or undefined. */
  readonly failure: string | undefined;
}

interface Cached {
  readonly addresses: readonly string[];
  readonly until: number;
}

export class Client {
  readonly #name: PublicName;
  readonly #resolver: Resolver;
  #cached: Cached | undefined;
  #lookups = 0;

  constructor(name: PublicName, resolver: Resolver) {
    this.#name = name;
    this.#resolver = resolver;
  }

  async visit(): Promise<Visit> {
    const at = Date.now();
    let address: string | undefined;
    try {
      address = await this.#resolve();
      const { status, release } = await get(address, this.#name);
      return this.#seen(at, { address, release, failure: status === 200 ? undefined : `HTTP ${status}` });
    } catch (error) {
      return this.#seen(at, { address, release: undefined, failure: error instanceof Error ? error.message : String(error) });
    }
  }

  #seen(at: number, seen: Pick<Visit, 'address' | 'release' | 'failure'>): Visit {
    return { name: this.#name.name, at, durationMs: Date.now() - at, ...seen };
  }

  async #resolve(): Promise<string> {
    if (this.#cached === undefined || this.#cached.until <= Date.now()) this.#cached = await this.#lookUp();
    const { addresses } = this.#cached;
    const address = addresses[this.#lookups % addresses.length];
    if (address === undefined) throw new Error('the name has no address');
    return address;
  }

  async #lookUp(): Promise<Cached> {
    const { servers, name } = this.#name;
    this.#lookups += 1;
    const server = servers[this.#lookups % servers.length];
    if (server === undefined) throw new Error('no server is known');
    const answer = await this.#resolver.query(server, name, 'A');
    if (answer.kind !== 'answer') throw new Error(`${server.name} answers ${answer.kind}`);
    const [set] = answer.records;
    return { addresses: set?.values ?? [], until: Date.now() + (set?.ttl ?? 0) * 1_000 };
  }
}

const timeoutMs = 5_000;

function get(address: string, { name, path }: PublicName): Promise<{ readonly status: number; readonly release: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: address, path, headers: { host: name.replace(/\.$/, '') }, agent: false, timeout: timeoutMs }, (response) => {
      const release = response.headers['x-release'];
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, release: typeof release === 'string' ? release : undefined }));
      response.resume();
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end();
  });
}
