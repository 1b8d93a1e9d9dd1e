// Which release each public address belongs to, as the API server tells it. No address is given out twice, so it is never forgotten.

import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Connection } from '../../../cluster/connection.ts';

export interface AddressBook {
  /** The namespace of the Service that has, or had, this address. */
  namespaceOf(address: string): string | undefined;
  /** When its Service was seen to be deleted, in milliseconds since 1970. */
  goneAt(address: string): number | undefined;
  /** Calls `complain` when the address turns out to be none of this environment's releases. */
  expect(address: string, environment: string, complain: (problem: string) => void): void;
  close(): Promise<void>;
}

/** The public may see an address before our own watch of Services tells of it. */
const patienceMs = 10_000;
const columns = '{.type} {.object.metadata.namespace} {.object.status.loadBalancer.ingress[0].ip}{"\\n"}';

export function openAddressBook({ binDir, kubeconfig }: Connection): AddressBook {
  const namespaces = new Map<string, string>();
  const gone = new Map<string, number>();
  const closing = new AbortController();

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      const args = ['get', 'services', '--all-namespaces', '--watch', '--output-watch-events', '--output', `jsonpath=${columns}`];
      const watch = execa(join(binDir, 'kubectl'), args, { env: { KUBECONFIG: kubeconfig }, reject: false, buffer: false, cancelSignal: closing.signal });
      for await (const line of createInterface({ input: watch.stdout })) take(line);
      await watch;
    }
  }

  function take(line: string): void {
    const [type, namespace, address] = line.split(' ');
    if (namespace === undefined || address === undefined || address === '') return;
    namespaces.set(address, namespace);
    if (type === 'DELETED') gone.set(address, Date.now());
  }

  const following = follow();
  return {
    namespaceOf: (address) => namespaces.get(address),
    goneAt: (address) => gone.get(address),
    expect(address, environment, complain) {
      const ours = new RegExp(`^${environment}-[a-z0-9]{5}$`);
      const check = (): void => {
        const namespace = namespaces.get(address);
        if (!ours.test(namespace ?? '')) complain(`${address}, a foreign address (${namespace ?? 'of no Service'})`);
      };
      if (namespaces.has(address)) check();
      else setTimeout(check, patienceMs).unref();
    },
    async close() {
      closing.abort();
      await following;
    },
  };
}
