// Puts a question before every outside effect: may this runner still write? Covers all drivers, so that no step can forget it.

import type { Drivers } from './drivers.ts';

type Method = (...input: never[]) => Promise<unknown>;

/** `assertHeld` throws when the lease is lost; then nothing is sent. Reading stays free. */
export function fenced(drivers: Drivers, assertHeld: () => void): Drivers {
  const guard = <T extends object>(target: T, methods: readonly (keyof T)[]): T => guardMethods(target, methods, assertHeld);
  return {
    ...drivers,
    cluster: guard(drivers.cluster, ['create', 'replace', 'patch', 'delete']),
    helm: guard(drivers.helm, ['install', 'test', 'uninstall']),
    helmAsInstaller: guard(drivers.helmAsInstaller, ['install', 'test', 'uninstall']),
    dns: guard(drivers.dns, ['change']),
    // A version keeps nobody from writing over what the next runner has not yet touched, from beginning a record, or from removing a finished one.
    records: guard(drivers.records, ['create', 'replace', 'remove']),
    load: { job: guard(drivers.load.job, ['prepare', 'start', 'cancel']), jobList: guard(drivers.load.jobList, ['prepare', 'start', 'cancel']) },
  };
}

function guardMethods<T extends object>(target: T, methods: readonly (keyof T)[], assertHeld: () => void): T {
  return new Proxy(target, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property, object);
      if (typeof value !== 'function') return value;
      const method = value.bind(object) as Method;
      if (!methods.includes(property as keyof T)) return method;
      return async (...input: never[]) => {
        assertHeld();
        return method(...input);
      };
    },
  });
}
