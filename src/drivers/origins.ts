// Marks every error with the outside system that it came from, on its way out. Covers all drivers, so that none must know its role.

import type { Drivers } from './drivers.ts';
import { DriverError, type Origin } from './failure.ts';

/** Drivers whose errors say where they came from. HTTP, load jobs and notifications are judged by those who ask for them. */
export async function withOrigins(connect: () => Promise<Drivers>): Promise<Drivers> {
  const drivers = await marked(connect(), 'context');
  return {
    ...drivers,
    cluster: marking(drivers.cluster, () => 'cluster'),
    records: marking(drivers.records, () => 'cluster'),
    lease: marking(drivers.lease, () => 'cluster'),
    helm: marking(drivers.helm, helmOrigin),
    helmAsInstaller: marking(drivers.helmAsInstaller, helmOrigin),
    dns: marking(drivers.dns, () => 'dns'),
    resolver: marking(drivers.resolver, () => 'dns'),
    secrets: marking(drivers.secrets, () => 'secrets'),
  };
}

function helmOrigin(method: string | symbol): Origin {
  return method === 'chart' ? 'chart' : 'helm';
}

function marking<T extends object>(driver: T, originOf: (method: string | symbol) => Origin): T {
  return new Proxy(driver, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property, object);
      if (typeof value !== 'function') return value;
      return (...input: never[]): unknown => {
        const answer: unknown = (value as (...given: never[]) => unknown).apply(object, input);
        return answer instanceof Promise ? marked(answer, originOf(property)) : answer;
      };
    },
  });
}

/** The innermost mark stays: it is the most precise. */
async function marked<T>(answer: Promise<T>, origin: Origin): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DriverError) error.origin ??= origin;
    throw error;
  }
}
