// Sends one update with nsupdate and says what became of it. Sends it once: a copy would find its own work as a conflict.

import { DriverError, type FailureReason } from '../failure.ts';
import { ProcessError, type RunProcess } from '../process.ts';
import type { Server, Zone } from './dns.ts';

export interface Update {
  readonly server: Server;
  readonly zone: Zone;
  /** See nsupdate-script.ts. */
  readonly input: string;
  /** Of the TSIG key in the input. */
  readonly secret: string | undefined;
  readonly run: RunProcess;
  readonly timeoutMs: number;
}

/** Rejects with an UpdateError: 'conflict' for a prerequisite that does not hold, 'timeout' when its fate is unknown. */
export async function nsupdate({ server, zone, input, secret, run, timeoutMs }: Update): Promise<void> {
  try {
    // Over TCP (-v): a datagram would be sent again when its answer is lost.
    const args = ['-v', '-t', String(Math.ceil(timeoutMs / 1_000))];
    await run({ file: 'nsupdate', args, input, timeoutMs: timeoutMs + graceMs, secrets: secret === undefined ? [] : [secret] });
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    throw new UpdateError(`update of DNS zone ${zone.id} at ${server.name} port ${server.port}`, error);
  }
}

/** nsupdate knows best what became of the update: let its own time-out come first. */
const graceMs = 2_000;

export class UpdateError extends DriverError {
  /** `YXDOMAIN`, `REFUSED`, …; undefined when the server did not answer. */
  readonly code: string | undefined;

  constructor(attempted: string, ended: ProcessError) {
    const { code, reason } = outcomeOf(ended);
    super({ reason, attempted, detail: ended.stderr.trim() || (ended.detail ?? '') });
    this.code = code;
  }
}

const reasonsByCode: Readonly<Record<string, FailureReason>> = {
  NXRRSET: 'conflict',
  YXRRSET: 'conflict',
  NXDOMAIN: 'conflict',
  YXDOMAIN: 'conflict',
  REFUSED: 'forbidden',
  NOTAUTH: 'forbidden',
  NOTZONE: 'invalid',
  FORMERR: 'invalid',
  NOTIMP: 'invalid',
  SERVFAIL: 'unavailable',
};

/** nsupdate says `update failed: CODE` (or `NOTAUTH(BADKEY)`), or `Communication with … failed: why`. */
function outcomeOf(error: ProcessError): { readonly code: string | undefined; readonly reason: FailureReason } {
  const code = /update failed: ([A-Z]+)/.exec(error.stderr)?.[1];
  if (code !== undefined) return { code, reason: reasonsByCode[code] ?? 'unreadable' };
  const trouble = /Communication with .* failed: (.*)/.exec(error.stderr)?.[1];
  if (trouble === undefined) return { code, reason: error.reason };
  // Cut off while connecting, so that nothing was sent; in every other case it is unknown what the server did.
  return { code, reason: /operation canceled|connection refused|unreachable/.test(trouble) ? 'unavailable' : 'timeout' };
}
