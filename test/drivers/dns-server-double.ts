// A DNS server on loopback that answers as a test tells it to, over UDP and TCP on the same port.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import packets, { type Answer, type DecodedPacket, type Packet } from 'dns-packet';
import type { Server } from '../../src/drivers/dns/dns.ts';

export interface Reply {
  readonly answers?: readonly Answer[];
  readonly additionals?: readonly Answer[];
  /** Default 0. */
  readonly code?: number;
  /** Default true. */
  readonly authoritative?: boolean;
  readonly truncated?: boolean;
  /** Over everything above: these fields, or these bytes, as they are. */
  readonly forged?: Packet;
  readonly bytes?: Buffer;
}

export interface DnsServerDouble {
  readonly server: Server;
  readonly asked: { readonly transport: 'udp' | 'tcp'; readonly name: string; readonly type: string; readonly recursion: boolean }[];
  close(): Promise<void>;
}

/** Several replies to one question are sent one after another; none at all is silence. */
export type Behave = (question: { readonly name: string; readonly type: string }, transport: 'udp' | 'tcp') => readonly Reply[];

export async function dnsServerDouble(behave: Behave, address: '127.0.0.1' | '::1' = '127.0.0.1'): Promise<DnsServerDouble> {
  const asked: DnsServerDouble['asked'] = [];
  const repliesTo = (message: Buffer, transport: 'udp' | 'tcp'): readonly Buffer[] => {
    const query = packets.decode(message);
    const { name = '', type = '' } = query.questions?.[0] ?? {};
    asked.push({ transport, name, type, recursion: query.flag_rd });
    return behave({ name, type }, transport).map((reply) => encoded(query, reply));
  };

  const tcp = createServer((socket: Socket) => {
    socket.on('data', (data) => repliesTo(data.subarray(2), 'tcp').forEach((reply) => socket.write(withLength(reply))));
  });
  tcp.listen(0, address);
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket(address === '::1' ? 'udp6' : 'udp4');
  udp.on('message', (message, from: RemoteInfo) => repliesTo(message, 'udp').forEach((reply) => udp.send(reply, from.port, from.address)));
  udp.bind(port, address);
  await once(udp, 'listening');

  const close = async (): Promise<void> => {
    udp.close();
    tcp.close();
    await once(tcp, 'close');
  };
  return { server: { address, port, name: 'ns1.example.test' }, asked, close };
}

function encoded(query: DecodedPacket, { answers = [], additionals = [], code = 0, authoritative = true, truncated = false, forged, bytes }: Reply): Buffer {
  if (bytes !== undefined) return bytes;
  const flags = code | (authoritative ? packets.AUTHORITATIVE_ANSWER : 0) | (truncated ? packets.TRUNCATED_RESPONSE : 0);
  const questions = query.questions ?? [];
  return packets.encode({ type: 'response', id: query.id ?? 0, flags, questions, answers: [...answers], additionals: [...additionals], ...forged });
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
