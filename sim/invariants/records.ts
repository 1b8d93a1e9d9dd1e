// The records of all runs as they are stored, read anew with each write. One that cannot be read is passed over: that is the runner's to tell.

import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import type { RunRecord } from '../../src/run/record.ts';
import type { SimulatedWorld } from '../world.ts';
import type { Locks } from './locks.ts';

export type RecordListener = (now: RunRecord, before: RunRecord | undefined) => void;

export class Records {
  readonly #records = new Map<string, RunRecord>();
  readonly #listeners: RecordListener[] = [];
  readonly #locks: Locks;

  constructor({ cluster: { inside: { store } } }: SimulatedWorld, locks: Locks) {
    this.#locks = locks;
    for (const stored of store.all(kinds.configMap)) this.#see(stored);
    store.subscribe(({ kind, object, type }) => {
      if (kind.kind === kinds.configMap.kind && type !== 'DELETED') this.#see(object);
    });
  }

  /** The unfinished run that this process works on: the record bears its epoch. */
  ofProcess(process: number): RunRecord | undefined {
    const epoch = this.#locks.takenBy(process)?.epoch;
    return [...this.#records.values()].findLast((record) => record.epoch === epoch);
  }

  all(): readonly RunRecord[] {
    return [...this.#records.values()];
  }

  onWrite(listener: RecordListener): void {
    this.#listeners.push(listener);
  }

  #see({ metadata, data }: KubernetesObject): void {
    if (metadata.labels?.['changeover.dev/record'] !== 'run') return;
    const record = parsed((data as { readonly record?: string } | undefined)?.record);
    if (record === undefined) return;
    const before = this.#records.get(record.id);
    this.#records.set(record.id, record);
    for (const listener of this.#listeners) listener(record, before);
  }
}

function parsed(text: string | undefined): RunRecord | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as RunRecord);
  } catch {
    return undefined;
  }
}
