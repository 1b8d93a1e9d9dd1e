// What every store of records and every store of leases must do, wherever they keep them.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lease, LeaseStore, RecordStore } from '../../src/drivers/store/store.ts';
import { rejection } from './cluster-objects.ts';

/** What the neighbour's environment has after the first one's name and a dash. */
export const neighbourSuffix = 'next';

export interface RecordStoreUnderTest {
  /** Of one environment, empty; its place (a namespace) need not exist yet. */
  readonly store: RecordStore;
  /** Of another environment in the same place: the first one's name, a dash and `neighbourSuffix`. */
  readonly neighbour: RecordStore;
  end(): Promise<void>;
}

export function recordStoreContract(name: string, make: () => Promise<RecordStoreUnderTest>): void {
  describe(`${name} keeps the contract of a record store`, () => {
    let made: RecordStoreUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.end());

    writingRecords(() => made);
    findingRecords(() => made);
  });
}

function writingRecords(given: () => RecordStoreUnderTest): void {
  it('has nothing before the first record', async () => {
    expect(await given().store.list()).toEqual([]);
    expect(await given().store.read('absent')).toBeUndefined();
  });

  it('gives back the text that was stored, whatever is in it', async () => {
    const body = JSON.stringify({ text: 'Grüße\n"quoted" \\ \u2028', nested: [1, null] });
    const version = await given().store.create('first', body);
    expect(await given().store.read('first')).toEqual({ id: 'first', body, version, describe: expect.stringContaining('first') as string });
  });

  it('refuses an id that is taken, and keeps what is there', async () => {
    await given().store.create('taken', 'one');
    expect(await rejection(given().store.create('taken', 'two'))).toBe('conflict');
    expect(await given().store.read('taken')).toMatchObject({ body: 'one' });
  });

  it('replaces a record only from its present version', async () => {
    const first = await given().store.create('replaced', 'one');
    const second = await given().store.replace('replaced', 'two', first);
    expect(second).not.toBe(first);
    expect(await rejection(given().store.replace('replaced', 'three', first))).toBe('conflict');
    expect(await given().store.read('replaced')).toMatchObject({ id: 'replaced', body: 'two', version: second });
  });

  it('lets one of two simultaneous writers win', async () => {
    const version = await given().store.create('contested', 'one');
    const outcomes = await Promise.all(['two', 'three'].map((body) => rejection(given().store.replace('contested', body, version))));
    expect(outcomes.toSorted()).toEqual(['conflict', 'nothing']);
  });

  it('never makes a record by replacing one that is not there', async () => {
    const version = await given().store.create('vanished', 'one');
    await given().store.remove('vanished', version);
    expect(await rejection(given().store.replace('vanished', 'two', version))).toBe('conflict');
    expect(await given().store.read('vanished')).toBeUndefined();
  });

  it('removes a record only in its present version, and is content when it is gone', async () => {
    const first = await given().store.create('removed', 'one');
    const second = await given().store.replace('removed', 'two', first);
    expect(await rejection(given().store.remove('removed', first))).toBe('conflict');
    await given().store.remove('removed', second);
    expect(await given().store.read('removed')).toBeUndefined();
    await given().store.remove('removed', second);
  });

  it('refuses a record that is too big to be stored, with a clear reason', async () => {
    const tooBig = 'x'.repeat(2 * 1024 * 1024);
    expect(await rejection(given().store.create('too-big', tooBig))).toBe('invalid');
    expect(await given().store.read('too-big')).toBeUndefined();
  });
}

function findingRecords(given: () => RecordStoreUnderTest): void {
  it('lists its own environment’s records, oldest first, and none of a neighbour’s', async () => {
    await given().store.create('list-1', 'one');
    await given().neighbour.create('list-1', 'foreign');
    await given().store.create('list-2', 'two');
    const listed = (await given().store.list()).filter(({ id }) => id.startsWith('list-'));
    expect(listed.map(({ id, body }) => [id, body])).toEqual([['list-1', 'one'], ['list-2', 'two']]);
    expect((await given().neighbour.list()).map(({ id, body }) => [id, body])).toEqual([['list-1', 'foreign']]);
  });

  it('does not take a neighbour’s record for its own where their names meet', async () => {
    const { neighbour, store } = given();
    await neighbour.create('meeting', 'foreign');
    expect(await store.read(`${neighbourSuffix}-meeting`)).toBeUndefined();
  });
}

export interface LeaseStoreUnderTest {
  /** Nobody holds it, nothing is stored; its place (a namespace) need not exist yet. */
  readonly store: LeaseStore;
  end(): Promise<void>;
}

export function leaseStoreContract(name: string, make: () => Promise<LeaseStoreUnderTest>): void {
  describe(`${name} keeps the contract of a lease store`, () => {
    let made: LeaseStoreUnderTest;
    let version: string | undefined;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.end());

    const held: Lease = { holder: 'host/1', epoch: 1, durationMs: 30_000, acquiredAt: 1_700_000_000_123, renewedAt: 1_700_000_000_456 };

    it('has no lease before the first one is taken', async () => {
      expect(await made.store.read()).toBeUndefined();
      expect(made.store.describe).toMatch(/^Lease .+\/.+$/);
    });

    it('gives back who holds it, in which epoch, since when', async () => {
      version = await made.store.write(held, undefined);
      expect(await made.store.read()).toEqual({ lease: held, version });
    });

    it('refuses to be taken for the first time twice', async () => {
      expect(await rejection(made.store.write({ ...held, holder: 'host/2' }, undefined))).toBe('conflict');
      expect(await made.store.read()).toMatchObject({ lease: { holder: 'host/1' } });
    });

    it('can be renewed only from its present version', async () => {
      const renewed = { ...held, renewedAt: held.renewedAt + 10_000 };
      const later = await made.store.write(renewed, version);
      expect(await rejection(made.store.write({ ...held, holder: 'host/2', epoch: 2 }, version))).toBe('conflict');
      expect(await made.store.read()).toEqual({ lease: renewed, version: later });
      version = later;
    });

    it('carries what its holder is asked, until it is written without', async () => {
      const asked = { ...held, cancel: '20261121-104512-2hpwr', locked: '{"by":"anna","reason":"“audit”, till noon"}' };
      version = await made.store.write(asked, version);
      expect(await made.store.read()).toEqual({ lease: asked, version });
      version = await made.store.write(held, version);
      expect(await made.store.read()).toEqual({ lease: held, version });
    });

    it('can be given back, keeping its epoch', async () => {
      const released = { ...held, holder: '', renewedAt: held.renewedAt + 10_000 };
      version = await made.store.write(released, version);
      expect(await made.store.read()).toMatchObject({ lease: { holder: '', epoch: 1 } });
    });

    it('lets one of two simultaneous takers win', async () => {
      const takers = ['host/2', 'host/3'].map((holder) => made.store.write({ ...held, holder, epoch: 2 }, version));
      expect((await Promise.all(takers.map(rejection))).toSorted()).toEqual(['conflict', 'nothing']);
      expect(await made.store.read()).toMatchObject({ lease: { epoch: 2 } });
    });
  });
}
