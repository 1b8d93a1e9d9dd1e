// Between the program and one name server, over UDP and TCP on the same port: loses, delays and refuses questions, cuts off updates or
// lets them hang, and loses the answer to an update that was made.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Faults } from './faults.ts';

export interface DnsProxy {
  /** `127.0.0.1:40053` */
  readonly address: string;
  close(): Promise<void>;
}

interface Server {
  readonly address: string;
  readonly port: number;
}

export async function dnsProxy(server: Server, faults: Faults): Promise<DnsProxy> {
  const tcp = createServer((client) => void overTcp(client, server, faults));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  // An answer may be on its way to whom nobody asks any more.
  let isOpen = true;
  const reply = (answer: Buffer, from: RemoteInfo): void => void (isOpen && udp.send(answer, from.port, from.address));
  udp.on('message', (message, from) => void overUdp({ message, reply: (answer) => reply(answer, from) }, server, faults));
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      isOpen = false;
      udp.close();
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

interface Datagram {
  readonly message: Buffer;
  readonly reply: (answer: Buffer) => void;
}

async function overUdp({ message, reply }: Datagram, { address, port }: Server, faults: Faults): Promise<void> {
  const fault = faults.dns('udp');
  if (fault === 'drop') return;
  if (fault === 'servfail') return reply(refusal(message));
  if (fault === 'delay') await setTimeout(faults.delayMs());
  const socket = createSocket('udp4');
  const timer = globalThis.setTimeout(() => socket.close(), 5_000);
  socket.on('error', () => undefined);
  socket.on('message', (answer) => {
    clearTimeout(timer);
    socket.close();
    reply(answer);
  });
  socket.send(message, port, address);
}

/** The same question back as an answer (QR) with response code 2 (RFC 1035 section 4.1.1). */
function refusal(message: Buffer): Buffer {
  const answer = Buffer.from(message);
  answer.writeUInt8(answer.readUInt8(2) | 0x80, 2);
  answer.writeUInt8((answer.readUInt8(3) & 0xf0) | 2, 3);
  return answer;
}

async function overTcp(client: Socket, { address, port }: Server, faults: Faults): Promise<void> {
  client.on('error', () => undefined);
  const fault = faults.dns('tcp');
  if (fault === 'cut') return void client.destroy();
  // What comes is read and forgotten: so the client's own end of it is seen.
  if (fault === 'stall') return void client.resume();
  client.pause();
  if (fault === 'delay') await setTimeout(faults.delayMs());
  const upstream = connect(port, address);
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.pipe(upstream);
  // Whatever the server answers, it has done it by then.
  if (fault === 'lostAnswer') upstream.on('data', () => client.destroy());
  else upstream.pipe(client);
}
