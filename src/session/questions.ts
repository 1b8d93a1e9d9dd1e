// Lets whoever is asked to stop give up a question that nobody answers. What writes is always waited for: half known is worse.

import type { Drivers } from '../drivers/drivers.ts';
import { orStopped } from '../run/stop.ts';

type Question = (...input: never[]) => Promise<unknown>;

/** Drivers whose questions reject with the signal's reason as soon as it aborts; the answer, if one comes, is not heard. */
export function untilStopped(drivers: Drivers, signal: AbortSignal): Drivers {
  const cut = <T extends object>(target: T, questions: readonly (keyof T)[]): T => cutting(target, questions, signal);
  const { load } = drivers;
  return {
    ...drivers,
    cluster: cut(drivers.cluster, ['identity', 'get', 'list', 'logs', 'allowed', 'discover']),
    helm: cut(drivers.helm, ['version', 'chart', 'render', 'find', 'manifest']),
    helmAsInstaller: cut(drivers.helmAsInstaller, ['version', 'chart', 'render', 'find', 'manifest']),
    dns: cut(drivers.dns, ['zone', 'read', 'readText', 'writable']),
    resolver: cut(drivers.resolver, ['query']),
    http: cut(drivers.http, ['request']),
    secrets: cut(drivers.secrets, ['read']),
    load: { job: cut(load.job, ['poll']), jobList: cut(load.jobList, ['poll']) },
    records: cut(drivers.records, ['read', 'list']),
    lease: cut(drivers.lease, ['read']),
  };
}

function cutting<T extends object>(target: T, questions: readonly (keyof T)[], signal: AbortSignal): T {
  return new Proxy(target, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property, object);
      if (typeof value !== 'function') return value;
      const method = value.bind(object) as Question;
      return questions.includes(property as keyof T) ? (...input: never[]) => orStopped(method(...input), signal) : method;
    },
  });
}
