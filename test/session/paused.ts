// A process that is stopped (SIGSTOP) in the moment in which it sends a certain request, and goes on when the test says so (SIGCONT).

import type { Drivers } from '../../src/drivers/drivers.ts';

export interface Pause {
  /** Between the process and the world. */
  readonly connect: (drivers: Drivers) => Drivers;
  /** Resolves when it is stopped: its request has left all checks behind, and the world has not got it. */
  readonly begun: Promise<void>;
  end(): void;
}

type Method = (...input: never[]) => unknown;

/** Stopped at so-manieth such request. While it is stopped nothing of the process leaves it: no renewal of the lock, no question, no write. */
export function paused(driver: keyof Drivers, method: string, call = 1): Pause {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let isStopped = false;
  let calls = 0;
  const stopping = <T extends object>(target: T, isDriver: boolean): T =>
    new Proxy(target, {
      get(object, property) {
        const value: unknown = Reflect.get(object, property, object);
        if (typeof value !== 'function' || property === 'watch' || property === 'followLog') return value;
        return async (...input: never[]) => {
          if (isDriver && property === method) calls += 1;
          if (calls >= call) begun.resolve();
          isStopped ||= calls >= call;
          if (isStopped) await ended.promise;
          return (value as Method).apply(object, input);
        };
      },
    });
  const connect = (drivers: Drivers): Drivers => {
    const all = Object.entries(drivers).map(([name, target]): [string, unknown] => [name, isObject(target) ? stopping(target, name === driver) : target]);
    return { ...drivers, ...Object.fromEntries(all) };
  };
  return { connect, begun: begun.promise, end: ended.resolve };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
