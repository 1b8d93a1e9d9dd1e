// Small helpers of the cluster contract: objects to write, and the reason a promise was rejected with.

import { DriverError } from '../../src/drivers/failure.ts';
import type { KubernetesObject } from '../../src/drivers/cluster/objects.ts';

type Texts = Readonly<Record<string, string>>;

export function configMap(name: string, namespace: string, data: Texts = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

export function labelled(object: KubernetesObject, labels: Texts): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, labels } };
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
