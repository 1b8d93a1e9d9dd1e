// How far it came: one line that changes on a terminal, a line now and then elsewhere, and the sum at the end. Counts, and prints.

import type { Work } from './arguments.ts';
import type { Done } from './done.ts';
import { describeFound } from './story.ts';

export interface Output {
  write(text: string): void;
  /** Of a terminal; undefined: it is none. */
  readonly columns: number | undefined;
  /** Milliseconds; only for what is told, never for what happens. */
  now(): number;
}

const drawEveryMs = 100;
const sayEveryMs = 10_000;

/** Of what is found, so much is told in full: the rest is counted. */
const mostStories = 5;

export class Progress {
  readonly #work: Work;
  readonly #output: Output;
  readonly #startedAt: number;
  #toldAt: number;
  #done = 0;
  #requests = 0;
  #faults = 0;
  #virtualMs = 0;
  #letDown = 0;
  #bad = 0;
  #violations = 0;

  constructor(work: Work, output: Output) {
    this.#work = work;
    this.#output = output;
    this.#startedAt = output.now();
    this.#toldAt = this.#startedAt;
  }

  get violations(): number {
    return this.#violations;
  }

  add({ requests, faults, virtualMs, letDown = 0, found }: Done): void {
    this.#done += 1;
    this.#requests += requests;
    this.#faults += faults;
    this.#virtualMs += virtualMs;
    this.#letDown += letDown;
    if (found !== undefined) {
      this.#bad += 1;
      this.#violations += found.violations.length;
      if (this.#bad <= mostStories) this.#print(describeFound(found));
    }
    this.#tellNow();
  }

  /** `interrupted`: it did not come to its end. */
  end({ interrupted }: { readonly interrupted: boolean }): void {
    const { type, from, count } = this.#work;
    const seconds = (this.#output.now() - this.#startedAt) / 1_000;
    const what = { seeds: `seeds from ${from}`, doubleCrashes: `pairs of crashes from ${from}`, everyCrash: 'crashes, at every place' }[type];
    const stopped = interrupted ? `Interrupted: ${this.#done} of ${count} were done. ` : '';
    const held = this.#letDown === 0 ? '' : `, ${grouped(this.#letDown)} answers held in vain by clients that no drain waits for`;
    const virtual = this.#virtualMs === 0 ? '' : `, ${grouped(this.#requests)} requests, ${grouped(this.#faults)} faults, ${Math.round(this.#virtualMs / 86_400_000)} simulated days${held}`;
    const violations = this.#violations === 0 ? '0 violations' : `${this.#violations} violations in ${this.#bad} of them`;
    this.#print(`${stopped}${grouped(this.#done)} ${what} in ${seconds.toFixed(0)} s (${this.#rate()}/s)${virtual}: ${violations}\n`);
  }

  #tellNow(): void {
    const { columns } = this.#output;
    const now = this.#output.now();
    if (now - this.#toldAt < (columns === undefined ? sayEveryMs : drawEveryMs)) return;
    this.#toldAt = now;
    this.#output.write(columns === undefined ? `${this.#status()}\n` : `\r${this.#bar(Math.min(columns, 80) - 1)}`);
  }

  #status(): string {
    const left = Math.round(((this.#work.count - this.#done) / Math.max(1, this.#done)) * ((this.#output.now() - this.#startedAt) / 1_000));
    return `${this.#done}/${this.#work.count}  ${this.#rate()}/s  ${this.#violations} violations  ${left} s left`;
  }

  #bar(width: number): string {
    const status = this.#status();
    const room = width - status.length - 3;
    if (room < 5) return status.slice(0, width).padEnd(width);
    const full = Math.round((room * this.#done) / this.#work.count);
    return `[${'#'.repeat(full)}${'-'.repeat(room - full)}] ${status}`;
  }

  #rate(): string {
    return (this.#done / Math.max(0.001, (this.#output.now() - this.#startedAt) / 1_000)).toFixed(1);
  }

  /** On a terminal, over the line that changes. */
  #print(text: string): void {
    const { columns } = this.#output;
    this.#output.write(columns === undefined ? text : `\r${' '.repeat(Math.min(columns, 80) - 1)}\r${text}`);
  }
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
