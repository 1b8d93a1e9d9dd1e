// All lines of one container, each once and in order, over as many connections as it takes. Only reads.

import type { ClusterReader, LogLine } from '../drivers/cluster/cluster.ts';
import { failedWith } from '../drivers/failure.ts';
import type { Clock, Milliseconds } from '../run/clock.ts';

export interface ContainerLogOptions {
  readonly cluster: Pick<ClusterReader, 'followLog'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Whether the container has ended, or is gone: then a connection that ends in order has told all there is. */
  readonly hasEnded: () => boolean;
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Ends when the container has ended and all is told, or when nothing of it is left to be read. Rejects with the signal's
 * reason, and with the DriverError when the log may not be read.
 */
export async function* containerLog(options: ContainerLogOptions): AsyncGenerator<LogLine, void> {
  const { clock, signal, hasEnded } = options;
  const told = new Told();
  for (let fruitless = 0; ; ) {
    // Asked before: what ends afterwards may have written more than this connection has told.
    const isLast = hasEnded();
    const before = told.count;
    const ending = yield* once(options, told);
    if (ending === 'gone' || (isLast && (ending === 'end' || fruitless >= mostTries))) return;
    fruitless = told.count > before ? 0 : fruitless + 1;
    await clock.sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** fruitless), signal);
  }
}

/** Of a container that has ended: its node may be gone for good. */
const mostTries = 5;

async function* once({ cluster, signal, namespace, pod, container }: ContainerLogOptions, told: Told): AsyncGenerator<LogLine, 'end' | 'broken' | 'gone'> {
  try {
    const repeated = told.reconnect();
    for await (const line of cluster.followLog({ namespace, pod }, { container, since: told.last, signal })) if (repeated.isNew(line)) yield line;
    return 'end';
  } catch (error) {
    signal.throwIfAborted();
    if (failedWith(error, 'notFound')) return 'gone';
    // A log is silent for long while a run waits; 'invalid' is one whose container is just starting, 'unreadable' half an answer.
    if (failedWith(error, 'timeout', 'unavailable', 'unreadable', 'invalid')) return 'broken';
    throw error;
  }
}

/** Where the telling stands: the time of the last line, and how many lines of that very time were told. */
class Told {
  last: string | undefined;
  count = 0;
  #atLast = 0;

  /** A new connection begins anew at the second of the last line, and repeats what was told of it. */
  reconnect(): { readonly isNew: (line: LogLine) => boolean } {
    const [last, skipped] = [this.last, this.#atLast];
    let seen = 0;
    return {
      isNew: (line) => {
        const order = last === undefined ? 1 : compareTimes(line.at, last);
        if (order === 0) seen += 1;
        if (order < 0 || (order === 0 && seen <= skipped)) return false;
        this.#take(line);
        return true;
      },
    };
  }

  #take({ at }: LogLine): void {
    this.#atLast = at === this.last ? this.#atLast + 1 : 1;
    this.last = at;
    this.count += 1;
  }
}

/** RFC 3339 in UTC with any number of digits: `…12Z` is before `…12.5Z`, which texts alone do not tell. */
function compareTimes(left: string, right: string): Milliseconds {
  const [one, other] = [comparable(left), comparable(right)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function comparable(at: string): string {
  const { seconds = at, fraction = '' } = /^(?<seconds>[^.Z+]{19})(?:\.(?<fraction>\d+))?/.exec(at)?.groups ?? {};
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
