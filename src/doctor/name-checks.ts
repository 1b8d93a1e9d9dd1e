// What the doctor finds about the public names: whether they can be read and moved, and what they point to now. Reads only.

import { failedWith } from '../drivers/failure.ts';
import { Failure } from '../errors.ts';
import { findLive, type Live } from '../plan/live.ts';
import { ownerProblem } from '../plan/owners.ts';
import { count } from '../report/text.ts';
import type { Asking } from './examine.ts';
import { ok, trouble, unless, type Finding } from './finding.ts';

export async function checkNames({ names, environment }: Asking): Promise<Finding> {
  const seen = await names();
  const zones = new Set(seen.map(({ zone }) => zone)).size;
  const servers = new Set(seen.flatMap(({ foundZone }) => foundZone?.servers.map(({ address, port }) => `${address}:${port}`) ?? [])).size;
  const foreign = seen.flatMap(({ name, owner }) => (owner === undefined ? [] : (ownerProblem(name, owner, environment.environment) ?? [])));
  return unless([...new Set(seen.flatMap(({ problems }) => problems)), ...foreign], 'names', {
    fine: `${count(seen.length, 'name')} in ${count(zones, 'zone')}: ${count(servers, 'authoritative server')} agree, and a change would be taken`,
    remedy: 'Check the servers named above, the way to them (also the NetworkPolicy), and what the account or key may write',
  });
}

export async function checkLive(asking: Asking): Promise<Finding> {
  const names = await asking.names();
  try {
    return judgeLive(findLive(names, await asking.releases()), asking.environment.swap);
  } catch (error) {
    const isDenied = failedWith(error, 'forbidden') || (error instanceof Failure && error.code === 'AccessDenied');
    if (!isDenied) throw error;
    const remedy = error instanceof Failure ? error.next : 'Ask with an account that may list Services';
    return trouble('live', { verdict: 'unknown', found: [error instanceof Failure ? error.facts.summary : error.message], remedy });
  }
}

/** Pure. */
export function judgeLive({ release, names, split }: Live, { replaceForeign }: { readonly replaceForeign: boolean }): Finding {
  const where = names.map(({ name, to }) => `${name} points to ${to.kind === 'release' ? to.release : words[to.kind]}`);
  if (names.some(({ to }) => to.kind === 'unknown')) return trouble('live', { verdict: 'unknown', found: where, remedy: 'See what is said about the names' });
  if (split) return trouble('live', { verdict: 'failed', found: where, remedy: 'Lead all names to one release that has served the public before: changeover rollback --to NAME' });
  const isForeign = names.some(({ to }) => to.kind === 'foreign');
  if (isForeign && !replaceForeign) return trouble('live', { verdict: 'failed', found: where, remedy: 'If that is a release that was installed before, take it over: changeover adopt NAMESPACE' });
  return ok('live', release === undefined ? 'no release is live yet: the next run makes the first one' : `all names point to ${release.name}`);
}

const words = { nothing: 'nothing', foreign: 'addresses of no release of this environment', mixed: 'several releases', unknown: 'what could not be read' } as const;
