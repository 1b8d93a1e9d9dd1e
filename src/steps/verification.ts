// The HTTP checks of `verify`, asked once, at the candidate's own addresses. Never waits and never retries: its callers do.

import type { HttpCheck } from '../config/sections/checks.ts';
import { kinds, type KubernetesObject } from '../drivers/cluster/objects.ts';
import { DriverError } from '../drivers/failure.ts';
import type { Http, HttpResponse } from '../drivers/http/http.ts';
import { checkHostProblems, dnsNameOf } from '../plan/check-hosts.ts';
import { findService, serviceAddresses } from './services.ts';
import { bodyMatches } from './body-match.ts';
import type { World } from './world.ts';

export interface CheckFailure {
  /** `GET https://www.example.org/search at 192.0.2.10` */
  readonly check: string;
  /** `answered 503 instead of 200` */
  readonly reason: string;
  /** Waiting does not mend it: the configuration has to change. */
  readonly hopeless: boolean;
}

/** One check at one address of the Service that its host stands for. */
export interface CheckTarget {
  readonly check: HttpCheck;
  /** IP address, or a load balancer's host name. */
  readonly address: string;
}

export interface CheckTargets {
  readonly targets: readonly CheckTarget[];
  /** Checks for which there is no address to ask. */
  readonly failures: readonly CheckFailure[];
}

/**
 * Asks every check of `verify.http` once, all at the same time; an empty answer means that all passed.
 * Rejects a DriverError when the candidate's Services cannot be read: unknown is neither passed nor failed.
 */
export async function runHttpChecks(world: World): Promise<readonly CheckFailure[]> {
  const { targets, failures } = await findCheckTargets(world);
  return [...failures, ...(await runChecks(world.drivers.http, targets))];
}

/** Where the checks have to ask; one list of the candidate's Services, none when there are no checks. */
export async function findCheckTargets(world: World): Promise<CheckTargets> {
  const { environment, plan, drivers } = world;
  if (environment.verify.http.length === 0) return { targets: [], failures: [] };
  const { items } = await drivers.cluster.list(kinds.service, { namespace: plan.candidate });
  const found = environment.verify.http.map((check) => targetsOf(check, items, world));
  return { targets: found.flatMap(({ targets }) => targets), failures: found.flatMap(({ failures }) => failures) };
}

/** Asks all targets at the same time, once each. */
export async function runChecks(http: Http, targets: readonly CheckTarget[]): Promise<readonly CheckFailure[]> {
  const problems = await Promise.all(targets.map((target) => ask(http, target)));
  return targets.flatMap((target, index) => {
    const reason = problems[index];
    return reason === undefined ? [] : [{ check: describe(target), reason, hopeless: false }];
  });
}

function targetsOf(check: HttpCheck, services: readonly KubernetesObject[], world: World): CheckTargets {
  const names = world.environment.dns;
  const dnsName = dnsNameOf(check.url, names);
  if (dnsName === undefined) return missing(check, { reason: checkHostProblems([check], names).join(), hopeless: true });
  const found = findService(services, dnsName.service);
  if (found.service === undefined) return missing(check, { reason: found.problem, hopeless: false });
  const { A, AAAA, CNAME } = serviceAddresses(found.service);
  // A runner without IPv6 must not fail a candidate that has both; every IPv4 address is asked, since any may be answered.
  const addresses = A.length > 0 ? A : AAAA.length > 0 ? AAAA : CNAME === undefined ? [] : [CNAME.replace(/\.$/, '')];
  if (addresses.length === 0) return missing(check, { reason: `Service ${found.service.metadata.name} has no outside address yet`, hopeless: false });
  return { targets: addresses.map((address) => ({ check, address })), failures: [] };
}

function missing(check: HttpCheck, why: Omit<CheckFailure, 'check'>): CheckTargets {
  return { targets: [], failures: [{ check: `GET ${printable(check.url)}`, ...why }] };
}

/** What is wrong with the answer, or undefined. */
async function ask(http: Http, { check, address }: CheckTarget): Promise<string | undefined> {
  const { url, headers, insecure, timeout } = check;
  try {
    return problemWith(await http.request({ method: 'GET', url, connectTo: address, headers, insecure, timeoutMs: timeout }), check);
  } catch (error) {
    if (error instanceof DriverError) return error.detail ?? error.reason;
    throw error;
  }
}

function problemWith({ status, headers, body, truncated }: HttpResponse, check: HttpCheck): string | undefined {
  const onward = headers['location'] === undefined ? '' : `, with Location ${headers['location'].split('?', 1).join()}`;
  if (status !== check.status) return `answered ${status} instead of ${check.status}${onward}`;
  const where = truncated ? 'the first 1 MiB of the body' : 'the body';
  if (check.bodyContains !== undefined && !body.includes(check.bodyContains)) return `${where} does not contain “${check.bodyContains}”`;
  return check.bodyMatches === undefined ? undefined : patternProblem(check.bodyMatches, body, where);
}

function patternProblem(pattern: string, body: string, where: string): string | undefined {
  const found = bodyMatches(pattern, body);
  if (found === undefined) return `${where} could not be compared with /${pattern}/ within a second; write a simpler expression`;
  return found ? undefined : `${where} does not match /${pattern}/`;
}

function describe({ check, address }: CheckTarget): string {
  return `GET ${printable(check.url)} at ${address}`;
}

/** Without user name and password. */
function printable(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search}`;
}
