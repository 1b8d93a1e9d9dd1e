// The drivers as commands get them: their errors say where they came from, and with --debug every call is told.

import type { Environment } from '../config/environment.ts';
import type { Drivers } from '../drivers/drivers.ts';
import { withOrigins } from '../drivers/origins.ts';
import { traced } from '../drivers/trace.ts';
import type { Host } from './io.ts';
import type { CommonOptions } from './options.ts';

/** Reaches no outside system yet. `debug` is told a line of each call, when it is asked for. */
export async function connectDrivers(environment: Environment, options: CommonOptions, { host, debug }: { readonly host: Host; readonly debug: (line: string) => void }): Promise<Drivers> {
  const drivers = await withOrigins(() => host.connect(environment, { context: options.context }));
  return options.debug === true ? traced(drivers, { tell: debug, clock: host.clock }) : drivers;
}
