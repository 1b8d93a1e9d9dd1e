// The scripts for nsupdate, compared whole: every line of them decides what the public gets.

import { describe, expect, it } from 'vitest';
import { changeScript, probeScript } from '../../src/drivers/dns/nsupdate-script.ts';
import { changeInZone } from '../../src/drivers/dns/record-sets.ts';
import { recordSets } from '../contracts/dns-records.ts';

const server = { address: '192.0.2.53', port: 5353, name: 'ns1' };
const zone = { id: 'example.test', origin: 'example.test.', servers: [server] };
const key = { name: 'mover', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' };
const { a, aaaa, cname } = recordSets('www.example.test.');
const { text } = recordSets('_changeover.www.example.test.');

function lines(...all: readonly string[]): string {
  return [...all, ''].join('\n');
}

describe('the script of a change', () => {
  it('demands what is expected, value by value, and that no other address type is there', () => {
    const change = { expected: [a('192.0.2.1', '192.0.2.2')], desired: [{ ...a('198.51.100.1', '198.51.100.2'), ttl: 60 }] };
    expect(changeScript({ server, zone, key }, change)).toBe(
      lines(
        'server 192.0.2.53 5353',
        'zone example.test.',
        'key hmac-sha256:mover c2VjcmV0',
        'prereq yxrrset www.example.test. A 192.0.2.1',
        'prereq yxrrset www.example.test. A 192.0.2.2',
        'prereq nxrrset www.example.test. AAAA',
        'prereq nxrrset www.example.test. CNAME',
        'update delete www.example.test. A',
        'update add www.example.test. 60 A 198.51.100.1',
        'update add www.example.test. 60 A 198.51.100.2',
        'send',
      ),
    );
  });

  it('deletes before it adds: addresses beside an alias would be ignored without a word', () => {
    const change = { expected: [a('192.0.2.1'), aaaa('2001:db8::1')], desired: [cname('lb.example.net.')] };
    expect(changeScript({ server, zone, key: undefined }, change)).toBe(
      lines(
        'server 192.0.2.53 5353',
        'zone example.test.',
        'prereq yxrrset www.example.test. A 192.0.2.1',
        'prereq yxrrset www.example.test. AAAA 2001:db8::1',
        'prereq nxrrset www.example.test. CNAME',
        'update delete www.example.test. A',
        'update delete www.example.test. AAAA',
        'update add www.example.test. 60 CNAME lb.example.net.',
        'send',
      ),
    );
  });

  it('changes a text with the addresses in one message: the one that is expected must be there, or none, and no alias', () => {
    const [held, next] = [text('changeover environment=prod epoch=6 change=1'), text('changeover environment=prod epoch=7 change=2')];
    const first = recordSets('_changeover.new.example.test.').text('changeover environment=prod epoch=7 change=1');
    expect(changeScript({ server, zone, key: undefined }, { expected: [a('192.0.2.1'), held], desired: [a('198.51.100.1'), next, first] })).toBe(
      lines(
        'server 192.0.2.53 5353',
        'zone example.test.',
        'prereq yxrrset www.example.test. A 192.0.2.1',
        'prereq nxrrset www.example.test. AAAA',
        'prereq nxrrset www.example.test. CNAME',
        'prereq yxrrset _changeover.www.example.test. TXT "changeover environment=prod epoch=6 change=1"',
        'prereq nxrrset _changeover.www.example.test. CNAME',
        'prereq nxrrset _changeover.new.example.test. TXT',
        'prereq nxrrset _changeover.new.example.test. CNAME',
        'update delete www.example.test. A',
        'update delete _changeover.www.example.test. TXT',
        'update add www.example.test. 60 A 198.51.100.1',
        'update add _changeover.www.example.test. 60 TXT "changeover environment=prod epoch=7 change=2"',
        'update add _changeover.new.example.test. 60 TXT "changeover environment=prod epoch=7 change=1"',
        'send',
      ),
    );
  });

  it('moves all names in one message, and still guards the one that stays', () => {
    const stays = recordSets('api.example.test.').a('192.0.2.7');
    const fresh = recordSets('new.example.test.').a('198.51.100.9');
    const script = changeScript({ server, zone, key: undefined }, { expected: [a('192.0.2.1'), stays], desired: [a('198.51.100.1'), stays, fresh] });
    expect(script).toBe(
      lines(
        'server 192.0.2.53 5353',
        'zone example.test.',
        'prereq yxrrset www.example.test. A 192.0.2.1',
        'prereq nxrrset www.example.test. AAAA',
        'prereq nxrrset www.example.test. CNAME',
        'prereq yxrrset api.example.test. A 192.0.2.7',
        'prereq nxrrset api.example.test. AAAA',
        'prereq nxrrset api.example.test. CNAME',
        'prereq nxrrset new.example.test. A',
        'prereq nxrrset new.example.test. AAAA',
        'prereq nxrrset new.example.test. CNAME',
        'update delete www.example.test. A',
        'update add www.example.test. 60 A 198.51.100.1',
        'update add new.example.test. 60 A 198.51.100.9',
        'send',
      ),
    );
  });
});

describe('the script of a probe', () => {
  it('demands what can never be, and names what would be changed; a name that has answers has to be there itself', () => {
    expect(probeScript({ server, zone, key }, { addresses: ['www.example.test.'], texts: ['_changeover.www.example.test.'] }, ['www.example.test.'])).toBe(
      lines(
        'server 192.0.2.53 5353',
        'zone example.test.',
        'key hmac-sha256:mover c2VjcmV0',
        'prereq yxdomain www.example.test.',
        'prereq nxdomain example.test.',
        'update delete www.example.test. A',
        'update delete _changeover.www.example.test. TXT',
        'send',
      ),
    );
  });
});

describe('a change, before it is written down', () => {
  it('has its names in lower case, with the trailing dot', () => {
    const loose = { ...a('192.0.2.1'), name: 'WWW.Example.test' };
    expect(changeInZone(zone, { expected: [loose], desired: [loose] })).toEqual({ expected: [a('192.0.2.1')], desired: [a('192.0.2.1')] });
  });

  const wrong: readonly [string, ReturnType<typeof a> | ReturnType<typeof text>][] = [
    ['a name that only ends alike', recordSets('www.notexample.test.').a('192.0.2.1')],
    ['a line break and a command in a host name', cname('lb.example.net.\nupdate delete example.test.')],
    ['a host name as address', a('lb.example.net.')],
    ['an IPv4 address as IPv6 address', aaaa('192.0.2.1')],
    ['two targets of an alias', cname('one.example.net.', 'two.example.net.')],
    ['a target without the trailing dot', cname('lb.example.net')],
    ['a quote and a command in a text', text('a" \nupdate delete example.test.')],
    ['a backslash in a text', text('a\\')],
    ['a text of more than 255 characters', text('a'.repeat(256))],
    ['no value at all', a()],
    ['a TTL that is none', { ...a('192.0.2.1'), ttl: Number.NaN }],
  ];
  it.each(wrong)('is refused with %s', (_title, set) => {
    expect(() => changeInZone(zone, { expected: [], desired: [set] })).toThrow(expect.objectContaining({ reason: 'invalid' }));
    // What the zone holds was written by others: it must not say anything to nsupdate either.
    expect(() => changeInZone(zone, { expected: [set], desired: [] })).toThrow(expect.objectContaining({ reason: 'invalid' }));
  });
});
