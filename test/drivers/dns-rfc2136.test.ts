// The RFC 2136 driver with a DNS server on loopback and an nsupdate that is only noted: command lines whole, outcomes by message.

import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from 'dns-packet';
import { rfc2136Provider, type Rfc2136Options } from '../../src/drivers/dns/rfc2136.ts';
import { ProcessError, type Command } from '../../src/drivers/process.ts';
import { dnsRejection, recordSets } from '../contracts/dns-records.ts';
import { dnsServerDouble, type Behave, type DnsServerDouble } from './dns-server-double.ts';

const soa: Answer = { type: 'SOA', name: 'example.test', ttl: 5, data: { mname: 'ns1.example.test', rname: 'host.example.test', serial: 1 } };
const ns = (host: string): Answer => ({ type: 'NS', name: 'example.test', ttl: 5, data: host });
const www: Answer = { type: 'A', name: 'www.example.test', ttl: 60, data: '192.0.2.1' };
const { a } = recordSets('www.example.test.');
const keyText = 'key "mover" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0/w==";\n};\n';

const running: DnsServerDouble[] = [];
afterEach(async () => {
  for (const double of running.splice(0)) await double.close();
});

const standard: Behave = ({ name, type }) => {
  if (type === 'SOA') return [name === 'example.test' ? { answers: [soa] } : { code: 3 }];
  if (type === 'NS') return [{ answers: [ns('ns1.example.test'), ns('ns2.elsewhere.test')], additionals: [{ type: 'A', name: 'NS1.example.test', data: '192.0.2.53' }] }];
  return [type === 'A' && name === 'www.example.test' ? { answers: [www] } : {}];
};

async function setUp(options: Partial<Rfc2136Options> & { readonly behave?: Behave; readonly stderr?: string } = {}) {
  const { behave = standard, stderr, ...rest } = options;
  const double = await dnsServerDouble(behave);
  running.push(double);
  const commands: Command[] = [];
  const run: Rfc2136Options['run'] = async (command) => {
    commands.push(command);
    if (stderr === undefined) return { stdout: '', stderr: '', exitCode: 0 };
    throw new ProcessError('invalid', { attempted: 'nsupdate', detail: `exit code 2: ${stderr}`, exitCode: 2, stdout: '', stderr });
  };
  const server = `127.0.0.1:${double.server.port}`;
  const lookupHost = async (name: string) => (name === 'ns2.elsewhere.test.' ? ['2001:db8::54', '192.0.2.54'] : []);
  const provider = rfc2136Provider({ server, readKey: async () => keyText, run, lookupHost, ...rest });
  return { provider, commands, double, zone: { id: 'example.test', origin: 'example.test.', servers: [double.server] } };
}

describe('the zone', () => {
  it('has the servers of its NS records, by the addresses that came along or else resolve, one family each', async () => {
    const { provider } = await setUp();
    expect(await provider.zone('Example.test')).toEqual({
      id: 'Example.test',
      origin: 'example.test.',
      servers: [
        { address: '192.0.2.53', port: 53, name: 'ns1.example.test' },
        { address: '192.0.2.54', port: 53, name: 'ns2.elsewhere.test' },
      ],
    });
  });

  it('has the configured servers instead, with or without port, by name, IPv4 or IPv6', async () => {
    const dnsServers = { 'example.test.': ['192.0.2.1', '192.0.2.2:5353', '[2001:db8::1]:5353', '[2001:db8::2]', 'ns2.elsewhere.test.:54'] };
    const { provider } = await setUp({ dnsServers });
    const { servers } = await provider.zone('example.test');
    expect(servers.map(({ address, port }) => `${address} ${port}`)).toEqual(['192.0.2.1 53', '192.0.2.2 5353', '2001:db8::1 5353', '2001:db8::2 53', '192.0.2.54 54']);
  });

  it('is not there when no zone begins at its name', async () => {
    const { provider } = await setUp();
    expect((await dnsRejection(provider.zone('www.example.test'))).reason).toBe('notFound');
  });

  it('is not known without every one of its servers: a name server that does not resolve is an error, not one server less', async () => {
    const { provider } = await setUp({ lookupHost: async () => [] });
    const error = await dnsRejection(provider.zone('example.test'));
    expect(error).toMatchObject({ reason: 'unavailable', attempted: 'address of the DNS server ns2.elsewhere.test.' });
  });
});

describe('an update', () => {
  it('is one nsupdate over TCP, with the key on standard input and nowhere else', async () => {
    const { provider, commands, zone, double } = await setUp();
    await provider.change(zone, { expected: [a('192.0.2.1')], desired: [a('198.51.100.1')] });
    expect(commands).toEqual([
      { file: 'nsupdate', args: ['-v', '-t', '10'], input: expect.stringContaining(`server 127.0.0.1 ${double.server.port}\nzone example.test.\nkey hmac-sha256:mover c2VjcmV0/w==\n`), timeoutMs: 12_000, secrets: ['c2VjcmV0/w=='] },
    ]);
  });

  it('is not sent when the TTL is another one, which no prerequisite would notice', async () => {
    const { provider, commands, zone } = await setUp();
    const change = { expected: [{ ...a('192.0.2.1'), ttl: 300 }], desired: [a('198.51.100.1')] };
    const error = await dnsRejection(provider.change(zone, change));
    expect(error).toMatchObject({ reason: 'conflict', detail: 'it holds www.example.test. 60 A 192.0.2.1, not www.example.test. 300 A 192.0.2.1' });
    expect(commands).toEqual([]);
  });

  it('is not sent when the zone could not be read', async () => {
    const { provider, commands, zone } = await setUp({ behave: ({ type }) => [type === 'AAAA' ? { code: 2 } : { answers: [] }] });
    expect((await dnsRejection(provider.change(zone, { expected: [], desired: [a('198.51.100.1')] }))).reason).toBe('unavailable');
    expect(commands).toEqual([]);
  });

  const outcomes: readonly [string, string][] = [
    ['update failed: NXRRSET', 'conflict'],
    ['update failed: YXRRSET', 'conflict'],
    ['update failed: NXDOMAIN', 'conflict'],
    ['update failed: YXDOMAIN', 'conflict'],
    ['update failed: REFUSED', 'forbidden'],
    ['update failed: NOTAUTH', 'forbidden'],
    ['; TSIG error with server: tsig indicates error\nupdate failed: NOTAUTH(BADKEY)', 'forbidden'],
    ['update failed: NOTZONE', 'invalid'],
    ['update failed: SERVFAIL', 'unavailable'],
    ['update failed: SOMETHING', 'unreadable'],
    ['; Communication with 192.0.2.53#53 failed: timed out', 'timeout'],
    ['; Communication with 192.0.2.53#53 failed: end of file', 'timeout'],
    ['; Communication with 192.0.2.53#53 failed: operation canceled', 'unavailable'],
    ['unknown key type', 'invalid'],
  ];
  it.each(outcomes)('that ends with "%s" is: %s', async (stderr, reason) => {
    const { provider, zone } = await setUp({ stderr });
    const error = await dnsRejection(provider.change(zone, { expected: [a('192.0.2.1')], desired: [a('198.51.100.1')] }));
    expect(error).toMatchObject({ reason, detail: stderr });
  });
});

describe('asking whether a zone may be written', () => {
  const change = 'prereq yxdomain www.example.test.\nprereq nxdomain example.test.\nupdate delete www.example.test. A\nsend\n';

  it('takes the refusal of an impossible prerequisite for a yes', async () => {
    const { provider, zone, commands } = await setUp({ stderr: 'update failed: YXDOMAIN' });
    expect(await provider.writable(zone, { addresses: ['www.example.test'], texts: [] })).toEqual({ ok: true });
    expect(commands[0]?.input).toContain(change);
  });

  it('takes a name that only a wildcard answers for for a no, before anything is loaded for it; one that has no answers is as good as new', async () => {
    const { provider, zone, commands } = await setUp({ stderr: 'update failed: NXDOMAIN' });
    expect(await provider.writable(zone, { addresses: ['www.example.test', 'new.example.test'], texts: [] })).toEqual({
      ok: false,
      reason: "only a wildcard answers for www.example.test., and a swap changes records of the name's own: create them first, as the wildcard has them",
    });
    expect(commands[0]?.input).not.toContain('prereq yxdomain new.example.test.');
  });

  it('takes a refused key or account for a no, with the reason', async () => {
    const { provider, zone } = await setUp({ stderr: 'update failed: NOTAUTH(BADKEY)' });
    expect(await provider.writable(zone)).toEqual({ ok: false, reason: 'update failed: NOTAUTH(BADKEY)' });
  });

  it.each([
    ['; Communication with 192.0.2.53#53 failed: timed out', 'timeout'],
    ['update failed: SERVFAIL', 'unavailable'],
    [undefined, 'unreadable'],
  ])('takes anything else (%s) for neither', async (stderr, reason) => {
    const { provider, zone } = await setUp(stderr === undefined ? {} : { stderr });
    expect((await dnsRejection(provider.writable(zone))).reason).toBe(reason);
  });
});

describe('reading a name', () => {
  it('that turned from addresses to an alias meanwhile is to be tried again', async () => {
    const alias: Answer = { type: 'CNAME', name: 'www.example.test', data: 'lb.example.net' };
    const { provider, zone } = await setUp({ behave: ({ type }) => [{ answers: [type === 'CNAME' ? alias : www] }] });
    expect((await dnsRejection(provider.read(zone, 'www.example.test.'))).reason).toBe('unavailable');
  });
});
