// The story of one seed, line by line: requests, faults, what runs told and what people did. The same seed gives the same bytes.

import { createHash } from 'node:crypto';
import type { SimulatedRequest } from './requests.ts';

export class Transcript {
  readonly #startedAt: number;
  readonly #requests: readonly SimulatedRequest[];
  /** What was told when so many requests had been made. */
  readonly #notes: { readonly after: number; readonly at: number; readonly text: string }[] = [];
  readonly #faults = new Map<number, string>();

  constructor({ requests, startedAt }: { readonly requests: readonly SimulatedRequest[]; readonly startedAt: number }) {
    this.#requests = requests;
    this.#startedAt = startedAt;
  }

  note(at: number, text: string): void {
    this.#notes.push({ after: this.#requests.length, at, text });
  }

  struck({ index }: SimulatedRequest, fault: string): void {
    this.#faults.set(index, fault);
  }

  get faults(): number {
    return this.#faults.size;
  }

  lines(): readonly string[] {
    const lines: string[] = [];
    let next = 0;
    const tellUntil = (count: number): void => {
      for (let note = this.#notes[next]; note !== undefined && note.after <= count; note = this.#notes[next]) {
        lines.push(`${this.#time(note.at)}     ${note.text}`);
        next += 1;
      }
    };
    for (const request of this.#requests) {
      tellUntil(request.index);
      const fault = this.#faults.get(request.index);
      lines.push(`${this.#time(request.at)} p${request.process}  ${request.text}${fault === undefined ? '' : `   <- ${fault}`}`);
    }
    tellUntil(Infinity);
    return lines;
  }

  text(): string {
    return `${this.lines().join('\n')}\n`;
  }

  hash(): string {
    return createHash('sha256').update(this.text()).digest('hex');
  }

  /** Since the beginning, as `1:02:03.004`. */
  #time(at: number): string {
    const ms = Math.floor(at - this.#startedAt);
    const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60];
    const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
    return `${hours}:${pad(minutes)}:${pad(seconds)}.${pad(ms % 1_000, 3)}`;
  }
}
