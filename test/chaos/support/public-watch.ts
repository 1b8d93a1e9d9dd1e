// The public as a witness: asks every authoritative server for every name many times a second, and keeps what must never be answered.

import { createSocket, type Socket } from 'node:dgram';
import packets from 'dns-packet';
import type { Connection } from '../../../cluster/connection.ts';
import type { AddressBook } from './address-book.ts';
import { Pace } from './pace.ts';

/** Twice as often as must be (`pace.ts`): on a busy machine a timer comes late. */
const everyMs = 50;
/** A server on the same machine that has not answered by then has not answered. */
const patienceMs = 2_000;

export interface PublicWatch {
  /** From now on the name must always have an answer. */
  add(name: string, environment: string): void;
  remove(name: string): void;
  /** What was wrong with the answers for these names since this was last asked. */
  problems(names: readonly string[]): readonly string[];
  /** Names that were not asked for as often as they should be; undefined when nothing was watched at all. */
  slowness(): readonly string[] | undefined;
  /** One line of numbers. */
  summary(): string;
  close(): void;
}

interface Watched {
  readonly name: string;
  readonly environment: string;
  readonly problems: string[];
  readonly seen: Set<string>;
}

interface Pending {
  readonly watched: Watched;
  readonly server: string;
  readonly sentAt: number;
}

export function watchPublic({ dns }: Connection, book: AddressBook): PublicWatch {
  const watched = new Map<string, Watched>();
  const numbers = { answers: 0, silent: 0 };
  const pace = new Pace();
  const both = [dns.primary, dns.secondary];
  const servers = both.map((server) => ask(server, watched, { numbers, pace, book }));
  return {
    add: (name, environment) => void watched.set(name, { name, environment, problems: [], seen: new Set() }),
    remove(name) {
      watched.delete(name);
      for (const { address } of both) pace.paused(`${name} at ${address}`);
    },
    problems: (names) => names.flatMap((name) => watched.get(name)?.problems.splice(0) ?? []),
    slowness: () => (numbers.answers === 0 ? undefined : pace.problems()),
    summary: () => `${numbers.answers} answers (${numbers.silent} questions without one); between two questions for one name at one server: ${pace.describe()}`,
    close: () => {
      for (const end of servers) end();
    },
  };
}

interface Notes {
  readonly numbers: { answers: number; silent: number };
  readonly pace: Pace;
  readonly book: AddressBook;
}

function ask(server: { readonly address: string; readonly port: number }, watched: ReadonlyMap<string, Watched>, notes: Notes): () => void {
  const socket = createSocket('udp4');
  const pending = new Map<number, Pending>();
  let id = 0;
  socket.on('message', (message) => {
    const answer = packets.decode(message);
    const question = pending.get(answer.id ?? -1);
    if (question === undefined) return;
    pending.delete(answer.id ?? -1);
    notes.numbers.answers += 1;
    judge(question, answer, notes.book);
  });
  socket.on('error', () => undefined);
  const timer = setInterval(() => {
    const now = Date.now();
    for (const one of watched.values()) {
      id = (id + 1) % 0x1_0000;
      notes.pace.asked(`${one.name} at ${server.address}`, now);
      pending.set(id, { watched: one, server: server.address, sentAt: now });
      send(socket, { id, name: one.name, ...server });
    }
    notes.numbers.silent += forget(pending, now - patienceMs);
  }, everyMs);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

function send(socket: Socket, { id, name, address, port }: { readonly id: number; readonly name: string; readonly address: string; readonly port: number }): void {
  socket.send(packets.encode({ type: 'query', id, flags: 0, questions: [{ name: name.replace(/\.$/, ''), type: 'A' }] }), port, address);
}

function forget(pending: Map<number, Pending>, before: number): number {
  const late = [...pending].filter(([, { sentAt }]) => sentAt < before);
  for (const [id] of late) pending.delete(id);
  return late.length;
}

type Answer = ReturnType<typeof packets.decode>;

function judge({ watched, server, sentAt }: Pending, answer: Answer, book: AddressBook): void {
  const note = (problem: string): void => {
    // The same trouble is seen many times a second.
    if (watched.problems.length < 20) watched.problems.push(`${new Date(sentAt).toISOString()} ${server} for ${watched.name}: ${problem}`);
  };
  const addresses = (answer.answers ?? []).flatMap((record) => (record.type === 'A' ? [record.data] : []));
  // RFC 1035 section 4.1.1: 3 is NXDOMAIN.
  const code = (answer.flags ?? 0) & 0xf;
  if (code !== 0) return note(`response code ${code}`);
  if (addresses.length === 0) return note('an empty answer');
  for (const address of addresses) {
    const gone = book.goneAt(address);
    if (gone !== undefined && gone < sentAt) note(`${address}, whose Service is gone since ${new Date(gone).toISOString()}`);
    if (watched.seen.has(address)) continue;
    watched.seen.add(address);
    book.expect(address, watched.environment, note);
  }
}
