// The part of the DNS contract about texts beside addresses: written in the same change, and what the whole change depends on.

import { expect, it } from 'vitest';
import type { RecordSet, TextSet } from '../../src/drivers/dns/dns.ts';
import type { DnsGiven } from './dns.ts';
import { add, dnsRejection, recordSets } from './dns-records.ts';

const [sixth, seventh, eighth] = [6, 7, 8].map((epoch) => `changeover environment=prod release=prod-2hpwr epoch=${epoch} change=1`) as [string, string, string];

/** A name with an address, and the text beside it. */
interface Owned {
  readonly a: (value: string) => RecordSet;
  readonly text: (value: string) => TextSet;
}

export function dnsTextContract(given: () => DnsGiven): void {
  const owned = (label: string): Owned => {
    const name = given().fresh(label);
    return { a: recordSets(name).a, text: recordSets(`_changeover.${name}`).text };
  };
  written(given, owned);
  compared(given, owned);
}

type MakeOwned = (label: string) => Owned;

function written(given: () => DnsGiven, owned: MakeOwned): void {
  it('reads a text that is certainly not there as none, also where the name has addresses', async () => {
    const { provider, zone } = given();
    const { a, text } = owned('untold');
    await add(given(), a('192.0.2.1'));
    expect(await provider.readText(zone, text(sixth).name)).toBeUndefined();
    expect(await provider.readText(zone, a('').name)).toBeUndefined();
  });

  it('writes an address and a text in one change, and gives back each to whoever asks for it', async () => {
    const { provider, zone } = given();
    const { a, text } = owned('told');
    await add(given(), a('192.0.2.1'), text(sixth));
    expect(await provider.readText(zone, text(sixth).name)).toEqual(text(sixth));
    expect(await provider.read(zone, a('').name)).toEqual([a('192.0.2.1')]);
    expect(await provider.read(zone, text(sixth).name)).toEqual([]);
  });

  it('changes a text alone, and leaves the addresses as they are', async () => {
    const { provider, zone } = given();
    const { a, text } = owned('retold');
    await add(given(), a('192.0.2.1'), text(sixth));
    await provider.change(zone, { expected: [a('192.0.2.1'), text(sixth)], desired: [a('192.0.2.1'), text(seventh)] });
    expect(await provider.readText(zone, text(sixth).name)).toEqual(text(seventh));
    expect(await provider.read(zone, a('').name)).toEqual([a('192.0.2.1')]);
  });

  it('removes a text, and the address with it', async () => {
    const { provider, zone } = given();
    const { a, text } = owned('forgotten');
    await add(given(), a('192.0.2.1'), text(sixth));
    await provider.change(zone, { expected: [a('192.0.2.1'), text(sixth)], desired: [] });
    expect(await provider.readText(zone, text(sixth).name)).toBeUndefined();
    expect(await provider.read(zone, a('').name)).toEqual([]);
  });
}

function compared(given: () => DnsGiven, owned: MakeOwned): void {
  const differences: readonly [string, string | undefined, string | undefined][] = [
    ['says something else', seventh, sixth],
    ['is there where none was expected', seventh, undefined],
    ['is gone', undefined, sixth],
    ['differs in nothing but case', sixth.toUpperCase(), sixth],
  ];
  it.each(differences)('moves no address when the text beside it %s', async (_difference, held, expected) => {
    const { provider, zone } = given();
    const { a, text } = owned('fenced');
    const sets = (value: string | undefined): readonly TextSet[] => (value === undefined ? [] : [text(value)]);
    await add(given(), a('192.0.2.1'), ...sets(held));
    const change = { expected: [a('192.0.2.1'), ...sets(expected)], desired: [a('198.51.100.1'), text(eighth)] };
    expect((await dnsRejection(provider.change(zone, change))).reason).toBe('conflict');
    expect(await provider.read(zone, a('').name)).toEqual([a('192.0.2.1')]);
    expect(await provider.readText(zone, text(eighth).name)).toEqual(sets(held)[0]);
  });

  it('lets a change that was sent before another one, and comes after it, do nothing, though the addresses are as it expects', async () => {
    const { provider, zone } = given();
    const { a, text } = owned('late');
    await add(given(), a('192.0.2.1'), text(sixth));
    const late = { expected: [a('192.0.2.1'), text(sixth)], desired: [a('198.51.100.1'), text(seventh)] };
    await provider.change(zone, { expected: [a('192.0.2.1'), text(sixth)], desired: [a('192.0.2.1'), text(eighth)] });
    expect((await dnsRejection(provider.change(zone, late))).reason).toBe('conflict');
    expect(await provider.read(zone, a('').name)).toEqual([a('192.0.2.1')]);
  });

  it('sends no text that could end its quotes', async () => {
    const { text } = owned('quoted');
    expect((await dnsRejection(add(given(), text('a" \nupdate delete example.test.')))).reason).toBe('invalid');
  });
}
