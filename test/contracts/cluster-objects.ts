// Small helpers of the cluster contract: objects to write, and the reason a promise was rejected with.

import { DriverError } from '../../src/drivers/failure.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';

export function configMap(
  name: string,
  namespace: string,
  data: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data };
}

/** The reason of the DriverError, or `nothing` when it was fulfilled. Any other error is thrown on. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'nothing';
  } catch (error) {
    if (error instanceof DriverError) return error.reason;
    throw error;
  }
}
