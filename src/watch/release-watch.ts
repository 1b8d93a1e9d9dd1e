// One release under watch: its judgement at any moment, and a clock whose sleep ends when something changes.

import type { ClusterReader } from '../drivers/cluster/cluster.ts';
import { kinds, type Kind, type KubernetesObject } from '../drivers/cluster/objects.ts';
import type { Expectations } from '../readiness/members.ts';
import { judgeRelease, type Judgement } from '../readiness/release.ts';
import type { Clock, Milliseconds } from '../run/clock.ts';
import { openMirror, type Mirror } from './mirror.ts';
import { NodeKnowledge } from './nodes.ts';

export interface ReleaseWatchOptions {
  readonly cluster: Pick<ClusterReader, 'list' | 'watch'>;
  readonly kinds: readonly Kind[];
  readonly expected: Expectations;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Sight {
  readonly judgement: Judgement;
  /**
   * Kinds whose state may be outdated: as long as there is one, nothing may count as ready. Events are not among them: they
   * say why something is not ready, and never that it is.
   */
  readonly stale: readonly string[];
  readonly objects: readonly KubernetesObject[];
}

export class ReleaseWatch {
  readonly #options: ReleaseWatchOptions;
  readonly #mirror: Mirror;
  readonly #nodes: NodeKnowledge;
  #seen = 0;

  constructor(options: ReleaseWatchOptions) {
    this.#options = options;
    this.#mirror = openMirror({ ...options, namespace: options.expected.namespace });
    this.#nodes = new NodeKnowledge(options.cluster, options.clock);
  }

  async look(): Promise<Sight> {
    const { objects, stale, version } = this.#mirror.snapshot();
    this.#seen = version;
    const judgement = judgeRelease({ objects, nodes: undefined }, this.#options.expected);
    const nodes = await this.#nodes.whenNeeded({ isNeeded: judgement.waiting.some(({ reason }) => reason === 'Unschedulable') });
    const told = nodes === undefined ? judgement : judgeRelease({ objects, nodes }, this.#options.expected);
    return { judgement: told, stale: stale.filter((plural) => plural !== kinds.event.plural), objects };
  }

  /** Sleeps until something has changed since the last look, or until the time is over. */
  get clock(): Clock {
    const { clock } = this.#options;
    return { now: () => clock.now(), sleep: (ms, signal) => this.#sleep(ms, signal ?? this.#options.signal) };
  }

  close(): Promise<void> {
    return this.#mirror.close();
  }

  async #sleep(ms: Milliseconds, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const contenders = [this.#mirror.changed(this.#seen, either), this.#options.clock.sleep(ms, either)];
    try {
      await Promise.race(contenders);
    } finally {
      over.abort();
      await Promise.allSettled(contenders);
    }
  }
}
