// Whether a second copy of the live release would be let in by the quotas that its namespace has: the next one gets the same, as far as
// anybody can tell. Pure.

import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import { parseQuantity, printQuantity } from '../readiness/quantity.ts';
import type { Amounts } from '../readiness/shapes.ts';
import { ok, trouble, type Finding } from './finding.ts';

export interface ResourceQuota extends KubernetesObject {
  readonly spec?: { readonly hard?: Amounts };
  readonly status?: { readonly used?: Amounts };
}

/** `quotas`: those of the namespace of `release`. What runs is not thrown out by a quota that was lowered later; a copy is not let in. */
export function judgeQuotas(release: string, quotas: readonly ResourceQuota[]): Finding {
  if (quotas.length === 0) return ok('quota', `no ResourceQuota limits ${release}`);
  const bounds = quotas.flatMap(boundsOf);
  const uncounted = bounds.filter(({ hard, used }) => hard === undefined || used === undefined);
  if (uncounted.length > 0) return quotaNotKnown(`not counted, or not understood: ${uncounted.map(({ what }) => what).join(', ')}`);
  const told = bounds.map(({ what, resource, hard = 0, used = 0 }) => ({ over: used > hard, text: `${what} ${printQuantity(used, resource)} of ${printQuantity(hard, resource)}` }));
  const over = told.filter((bound) => bound.over);
  if (over.length === 0) return ok('quota', `a second copy of ${release} stays within the same quota: ${told.map(({ text }) => text).join(', ')}`);
  const found = over.map(({ text }) => `${text}: the same quota would keep a second copy of ${release} out`);
  return trouble('quota', { verdict: 'warning', found, remedy: 'Raise what the quota of a new release allows, or let the release ask for less, before the next run' });
}

export function quotaNotKnown(found: string): Finding {
  return trouble('quota', { verdict: 'unknown', found: [found], remedy: 'Compare by hand, where namespaces get a quota: kubectl describe resourcequota -n NAMESPACE' });
}

interface Bound {
  /** `ResourceQuota team: requests.memory` */
  readonly what: string;
  readonly resource: string;
  readonly hard: number | undefined;
  readonly used: number | undefined;
}

function boundsOf({ metadata, spec, status }: ResourceQuota): readonly Bound[] {
  return Object.entries(spec?.hard ?? {}).map(([resource, hard]) => ({
    what: `ResourceQuota ${metadata.name}: ${resource}`,
    resource,
    hard: parseQuantity(hard),
    used: parseQuantity(status?.used?.[resource]),
  }));
}
