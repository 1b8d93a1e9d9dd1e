// Whether the Services that public names stand for answer from outside. Ready is not reachable: kube-proxy and load balancers
// follow the last ready pod by up to two seconds. Asks once; waiting is its caller's.

import type { HttpCheck } from '../config/sections/checks.ts';
import type { DnsName } from '../config/sections/dns.ts';
import { DriverError } from '../drivers/failure.ts';
import type { KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Http } from '../drivers/http/http.ts';
import { Failure } from '../errors.ts';
import { dnsNameOf } from '../plan/check-hosts.ts';
import type { Service, ServicePort } from '../readiness/shapes.ts';
import { findService, hasAddress, serviceAddresses, type ServiceAddresses } from './services.ts';

export interface PublicService {
  /** The public name without a trailing dot. */
  readonly name: string;
  readonly service: Service;
  readonly addresses: ServiceAddresses;
}

export interface PublicServices {
  readonly found: readonly PublicService[];
  /** What is missing before all of them can be asked, one line each. */
  readonly awaited: readonly string[];
}

/** Throws Failure 'NotReady' when a name stands for a Service that will never have an address. */
export function publicServices(objects: readonly KubernetesObject[], names: readonly DnsName[]): PublicServices {
  const looks = names.map((wanted) => lookFor(wanted, objects));
  return { found: looks.flatMap(({ found }) => found ?? []), awaited: looks.flatMap(({ awaited }) => awaited ?? []) };
}

type Urls = readonly Pick<HttpCheck, 'url'>[];

/**
 * Asks every Service once at each of its addresses, all at the same time; one line for each that did not answer. At the port that
 * `checks` will ask, if any: to a load balancer outside of the cluster, an installed runner may have no way to another.
 */
export async function unanswered(services: readonly PublicService[], http: Http, checks: Urls = []): Promise<readonly string[]> {
  const questions = new Map(services.flatMap((service) => questionsFor(service, checks)).map((question) => [`${question.connectTo} ${question.port.port}`, question]));
  const answers = await Promise.all([...questions.values()].map((question) => ask(question, http)));
  return answers.filter((answer) => answer !== undefined);
}

function lookFor({ name, service: wanted }: DnsName, objects: readonly KubernetesObject[]): { readonly found?: PublicService; readonly awaited?: string } {
  const { service, problem } = findService(objects, wanted);
  if (service === undefined) return { awaited: `${name}: ${problem}` };
  const object = `Service ${service.metadata.name}`;
  const type = service.spec?.type ?? 'ClusterIP';
  if (type !== 'LoadBalancer') {
    const next = `Make ${object} type LoadBalancer in the chart's values, or correct dns[].service of ${name} in the environment file`;
    throw new Failure('NotReady', { summary: `${name} stands for ${object}, which has type ${type} and will never have an address`, object, reason: 'NotALoadBalancer', next });
  }
  const addresses = serviceAddresses(service);
  if (!hasAddress(addresses)) return { awaited: `${object}: its load balancer has no address yet` };
  return { found: { name: name.replace(/\.$/, ''), service, addresses } };
}

interface Question {
  readonly object: string;
  readonly host: string;
  readonly connectTo: string;
  readonly port: ServicePort;
}

/** A runner without IPv6 must be able to do its work: AAAA is asked only where there is nothing else. */
function questionsFor({ name, service, addresses: { A, AAAA, CNAME } }: PublicService, checks: Urls): readonly Question[] {
  const targets = CNAME !== undefined ? [CNAME.replace(/\.$/, '')] : A.length > 0 ? A : AAAA;
  const base = { object: `Service ${service.metadata.name}`, host: name.replace(/^\*/, 'any'), port: portOf(service, checks.filter(({ url }) => dnsNameOf(url, [{ name }]) !== undefined)) };
  return targets.map((connectTo) => ({ ...base, connectTo }));
}

function portOf({ spec }: Service, checks: Urls): ServicePort {
  const ports = (spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const checked = checks.map(({ url }) => portIn(new URL(url)));
  return ports.find(({ port }) => checked.includes(port)) ?? ports.find(({ port }) => port === 80) ?? ports.find(({ port }) => port === 443) ?? ports[0] ?? { port: 80 };
}

function portIn({ port, protocol }: URL): number {
  const usual = protocol === 'https:' ? 443 : 80;
  return port === '' ? usual : Number(port);
}

const answerTimeoutMs = 2_000;

/** Any HTTP status is an answer, and so is something that is not HTTP: somebody is there. */
async function ask({ object, host, connectTo, port }: Question, http: Http): Promise<string | undefined> {
  try {
    await http.request({ method: 'GET', url: urlOf(host, port), connectTo, timeoutMs: answerTimeoutMs, insecure: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    if (error.reason === 'unreadable') return undefined;
    return `${object}: ${connectTo} port ${port.port} does not answer yet (${error.detail ?? error.message})`;
  }
}

function urlOf(host: string, { port, name = '' }: ServicePort): string {
  const scheme = port === 443 || name.startsWith('https') ? 'https' : 'http';
  return new URL(`${scheme}://${host}:${port}/`).href;
}
