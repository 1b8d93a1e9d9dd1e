// Opens an environment for a command that may write outside of any run, and tells how it ended. What writes is waited for, also when asked to stop.

import { loadEnvironment } from '../config/load.ts';
import type { ExitCode } from '../errors.ts';
import { assertRightCluster } from '../session/intend.ts';
import type { LockSession } from '../session/lock.ts';
import { connectDrivers } from './connect.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { CommonOptions } from './options.ts';
import { tellFailure } from './tell.ts';

export interface Opening {
  readonly host: Host;
  readonly options: CommonOptions;
  /** As typed: `lock acquire`. */
  readonly words: string;
}

export async function opening({ host, options, words }: Opening, work: (session: LockSession) => Promise<ExitCode>): Promise<ExitCode> {
  const { clock, stop, io, identities } = host;
  try {
    const environment = await loadEnvironment(options.file, host.cwd);
    const drivers = await connectDrivers(environment, options, { host, debug: (line) => io.stderr(`debug: ${line}\n`) });
    const session: LockSession = { environment, drivers, clock, stop, identities, say: (line) => io.stderr(`${line}\n`) };
    await assertRightCluster(session);
    return await work(session);
  } catch (error) {
    return tellFailure(stop.aborted ? stop.reason : error, host, { invocation: invocationOf(options, host), run: { operation: words } });
  }
}
