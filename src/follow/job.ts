// Follows a Job of the runner to its end: the log of each of its pods in turn, what keeps them from starting, and how it ended. Only reads.

import type { ClusterReader, LogLine } from '../drivers/cluster/cluster.ts';
import { kinds } from '../drivers/cluster/objects.ts';
import type { Clock } from '../run/clock.ts';
import { openMirror, type Mirror } from '../watch/mirror.ts';
import { containerLog } from './container-log.ts';
import { exitCodeOf, hasEnded, hasStarted, sightOf, verdictOf, waitingFor, type JobSight, type JobVerdict } from './sight.ts';

export interface FollowJobOptions {
  readonly cluster: Pick<ClusterReader, 'list' | 'watch' | 'followLog'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly namespace: string;
  readonly job: string;
  readonly container: string;
  onLine(line: LogLine, pod: string): void;
  /** What no log tells: that a pod waits, has ended, is replaced. */
  say(line: string): void;
}

export interface JobEnd {
  /** Undefined: somebody deleted it. */
  readonly verdict: JobVerdict | undefined;
  /** Of the last pod's container; undefined when that was lost. */
  readonly exitCode: number | undefined;
  readonly pods: readonly string[];
}

/** Rejects with the signal's reason, and with the DriverError when pods or Jobs may not be read. */
export async function followJob(options: FollowJobOptions): Promise<JobEnd> {
  const mirror = openMirror({ ...options, kinds: [kinds.job, kinds.pod, kinds.event] });
  try {
    return await new JobFollower(options, mirror).toEnd();
  } finally {
    await mirror.close();
  }
}

/** What the program says by itself, of which the chart's `podFailurePolicy` replaces no pod; all others were stopped, held up or lost. */
function isFinal(exitCode: number | undefined): boolean {
  return exitCode !== undefined && exitCode <= 5;
}

class JobFollower {
  readonly #options: FollowJobOptions;
  readonly #mirror: Mirror;
  readonly #followed: string[] = [];
  #exitCode: number | undefined;
  #said: string | undefined;
  #wasSeen = false;

  constructor(options: FollowJobOptions, mirror: Mirror) {
    this.#options = options;
    this.#mirror = mirror;
  }

  async toEnd(): Promise<JobEnd> {
    const { signal } = this.#options;
    for (;;) {
      const { version, stale } = this.#mirror.snapshot();
      const end = this.#isCurrent(stale) ? await this.#go(this.#sight()) : undefined;
      if (end === 'again') continue;
      if (end !== undefined) return { ...end, exitCode: this.#exitCode, pods: this.#followed };
      await this.#mirror.changed(version, signal);
    }
  }

  /** Events are no reason to wait: they only say why. */
  #isCurrent(stale: readonly string[]): boolean {
    return !stale.includes(kinds.job.plural) && !stale.includes(kinds.pod.plural);
  }

  #sight(): JobSight {
    return sightOf(this.#mirror.snapshot().objects, this.#options.job);
  }

  async #go(sight: JobSight): Promise<Pick<JobEnd, 'verdict'> | 'again' | undefined> {
    const { container } = this.#options;
    this.#wasSeen ||= sight.job !== undefined;
    const next = sight.pods.find((pod) => !this.#followed.includes(pod.metadata.name) && hasStarted(pod, container));
    if (next !== undefined) {
      await this.#follow(next.metadata.name);
      return 'again';
    }
    if (sight.job === undefined && this.#wasSeen) return { verdict: undefined };
    const verdict = sight.job === undefined ? undefined : verdictOf(sight.job);
    if (verdict !== undefined) return { verdict };
    // A pod that came to an end of its own is not followed by another: the Job only has to say so.
    if (!isFinal(this.#exitCode)) this.#sayOnce(waitingFor(sight, container));
    return undefined;
  }

  async #follow(pod: string): Promise<void> {
    const { job, container, onLine, say } = this.#options;
    if (this.#followed.length > 0) say(`Job ${job} goes on in pod ${pod}`);
    this.#followed.push(pod);
    const present = () => this.#sight().pods.find(({ metadata }) => metadata.name === pod);
    for await (const line of containerLog({ ...this.#options, pod, hasEnded: () => hasEnded(present(), container) })) onLine(line, pod);
    const ended = await this.#ended(pod);
    this.#exitCode = ended;
    if (ended === undefined) say(`pod ${pod} is lost`);
    else if (ended !== 0) say(`pod ${pod} has ended with exit code ${ended}`);
    this.#said = undefined;
  }

  /** Its log may end a moment before its end is known. */
  async #ended(pod: string): Promise<number | undefined> {
    const { container, signal } = this.#options;
    for (;;) {
      const { version } = this.#mirror.snapshot();
      const present = this.#sight().pods.find(({ metadata }) => metadata.name === pod);
      if (hasEnded(present, container)) return present && exitCodeOf(present, container);
      await this.#mirror.changed(version, signal);
    }
  }

  #sayOnce(line: string | undefined): void {
    if (line !== undefined && line !== this.#said) this.#options.say(line);
    this.#said = line;
  }
}
