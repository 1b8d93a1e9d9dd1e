// One DNS question to one server over UDP, over TCP when the answer did not fit. Asks once; judges no answer.

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import packets, { type DecodedPacket, type RecordType } from 'dns-packet';
import { DriverError, type FailureReason } from '../failure.ts';
import type { Server } from './dns.ts';

export interface Question {
  readonly server: Server;
  /** With or without the trailing dot. */
  readonly name: string;
  readonly type: Extract<RecordType, 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'NS' | 'SOA'>;
  /** For each of UDP and TCP. */
  readonly timeoutMs: number;
}

/**
 * The server's message, whatever it says (RFC 1035 section 4). Rejects 'timeout', 'unavailable' (connection refused or cut),
 * 'unreadable' (not a DNS message, or not an answer to this question over TCP).
 */
export async function exchange(question: Question): Promise<DecodedPacket> {
  const overUdp = await answerBy(question, askOverUdp);
  return overUdp.flag_tc ? answerBy(question, askOverTcp) : overUdp;
}

export function questionError(question: Question, reason: FailureReason, detail: string): DriverError {
  const { server, name, type } = question;
  return new DriverError({ reason, attempted: `DNS query ${type} ${name} at ${server.name} (${server.address} port ${server.port})`, detail });
}

/** How one transport goes about it; returns what closes it. */
type Ask = (attempt: Attempt) => () => void;

interface Attempt {
  readonly question: Question;
  readonly query: packets.Packet;
  readonly answered: (packet: DecodedPacket) => void;
  readonly failed: (reason: FailureReason, detail: string) => void;
}

async function answerBy(question: Question, ask: Ask): Promise<DecodedPacket> {
  // Recursion is not desired: an authoritative server is asked for what it knows itself.
  const query: packets.Packet = { type: 'query', id: randomInt(0x1_0000), flags: 0, questions: [{ name: withoutDot(question.name), type: question.type }] };
  const { promise, resolve, reject } = Promise.withResolvers<DecodedPacket>();
  const failed = (reason: FailureReason, detail: string) => reject(questionError(question, reason, detail));
  const timer = setTimeout(() => failed('timeout', `no answer in ${question.timeoutMs / 1000} s`), question.timeoutMs);
  const close = ask({ question, query, answered: resolve, failed });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    close();
  }
}

/** The kernel picks a random source port; being connected, the socket takes datagrams from the server's own address only. */
const askOverUdp: Ask = ({ question: { server }, query, answered, failed }) => {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  socket.on('error', (error) => failed('unavailable', error.message));
  socket.on('message', (message) => {
    const packet = decodedOrUndefined(message);
    if (packet === undefined) failed('unreadable', 'the answer is not a DNS message');
    // Anything that does not answer this very question is a late or a forged answer: keep listening.
    else if (answersTo(packet, query)) answered(packet);
  });
  socket.connect(server.port, server.address, () => socket.send(packets.encode(query)));
  return () => socket.close();
};

const askOverTcp: Ask = ({ question: { server }, query, answered, failed }) => {
  const socket = connect(server.port, server.address, () => socket.write(packets.streamEncode(query)));
  let received = Buffer.alloc(0);
  socket.on('error', (error) => failed('unavailable', error.message));
  socket.on('close', () => failed('unavailable', 'the connection was closed before the answer'));
  socket.on('data', (part) => {
    received = Buffer.concat([received, part]);
    // RFC 1035 section 4.2.2: two bytes of length, then the message.
    const end = received.length < 2 ? Infinity : 2 + received.readUInt16BE(0);
    if (received.length < end) return;
    const packet = decodedOrUndefined(received.subarray(2, end));
    if (packet !== undefined && answersTo(packet, query)) answered(packet);
    else failed('unreadable', 'the answer over TCP is not one to this question');
  });
  return () => socket.destroy();
};

function decodedOrUndefined(message: Buffer): DecodedPacket | undefined {
  try {
    return packets.decode(message);
  } catch {
    return undefined;
  }
}

function answersTo(packet: DecodedPacket, query: packets.Packet): boolean {
  const [asked] = query.questions ?? [];
  const [echoed, ...others] = packet.questions ?? [];
  const same = echoed !== undefined && asked !== undefined && echoed.type === asked.type && echoed.name.toLowerCase() === asked.name.toLowerCase();
  return packet.type === 'response' && packet.id === query.id && same && others.length === 0;
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
