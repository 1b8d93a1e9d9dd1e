// Tells of every call to an outside system: what was asked, how it ended, how long it took. Covers all drivers.
// Never tells content: of what is handed over only names and kinds are known here, so nothing secret can come out.

import type { Clock } from '../run/clock.ts';
import type { Drivers } from './drivers.ts';
import { DriverError } from './failure.ts';

export interface TraceOptions {
  /** `cluster.get Namespace prod-2hpwr: done in 12 ms` */
  readonly tell: (line: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

export function traced(drivers: Drivers, options: TraceOptions): Drivers {
  const trace = <T extends object>(name: string, driver: T): T => tracing(driver, name, options);
  return {
    ...drivers,
    cluster: trace('cluster', drivers.cluster),
    helm: trace('helm', drivers.helm),
    helmAsInstaller: trace('helm', drivers.helmAsInstaller),
    dns: trace('dns', drivers.dns),
    resolver: trace('resolver', drivers.resolver),
    http: trace('http', drivers.http),
    secrets: trace('secrets', drivers.secrets),
    records: trace('records', drivers.records),
    lease: trace('lease', drivers.lease),
    load: { job: trace('load.job', drivers.load.job), jobList: trace('load.jobList', drivers.load.jobList) },
    notifiers: drivers.notifiers.map(({ on, notifier }) => ({ on, notifier: trace('notify', notifier) })),
  };
}

function tracing<T extends object>(driver: T, name: string, options: TraceOptions): T {
  return new Proxy(driver, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property, object);
      if (typeof value !== 'function') return value;
      return (...input: unknown[]): unknown => {
        const asked = [`${name}.${String(property)}`, ...new Set(input.flatMap(named))].join(' ');
        const answer: unknown = Reflect.apply(value, object, input);
        if (answer instanceof Promise) return followed(answer, asked, options);
        options.tell(asked);
        return answer;
      };
    },
  });
}

/** Told before whoever has asked goes on, so that the lines stand in order. */
async function followed(answer: Promise<unknown>, asked: string, { tell, clock }: TraceOptions): Promise<unknown> {
  const startedAt = clock.now();
  const end = (how: string): void => tell(`${asked}: ${how} in ${Math.round(clock.now() - startedAt)} ms`);
  try {
    const value = await answer;
    end('done');
    return value;
  } catch (error) {
    end(error instanceof DriverError ? error.reason : 'failed');
    throw error;
  }
}

/** `Namespace prod-2hpwr`: from a kind, a reference, an object, a zone, or a load job. Texts by themselves are not repeated. */
function named(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { kind, namespace, name, metadata, id } = value as Readonly<Record<string, unknown>>;
  if (typeof metadata === 'object' && metadata !== null) return named({ ...metadata, kind });
  const words = typeof kind === 'object' && kind !== null ? named(kind) : [kind];
  return [...words, namespace, name ?? id].filter((word) => typeof word === 'string');
}
