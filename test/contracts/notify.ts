// What every notifier must do, whoever listens: what is told arrives, and telling it again is no failure.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notification, Notifier } from '../../src/drivers/notify/notify.ts';

export interface NotifierUnderTest {
  readonly notifier: Notifier;
  /** The texts that have arrived, whatever each notifier puts around them. */
  told(runId: string): Promise<readonly string[]>;
  end(): Promise<void>;
}

/** `make` is called once. */
export function notifierContract(name: string, make: () => Promise<NotifierUnderTest>): void {
  describe(`${name} keeps the contract of a notifier`, () => {
    let made: NotifierUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made.end());
    const tell = (runId: string, event: Notification['event'], text: string): Promise<void> =>
      made.notifier.send({ environment: 'prod', operation: 'rebuild', runId, event, text, at: '2026-11-21T10:00:00.000Z' });

    it('has told it when the answer comes: a run’s beginning and its end are two', async () => {
      await tell('20261121-100000-2hpwr', 'started', 'rebuild of prod has started');
      expect(await made.told('20261121-100000-2hpwr')).toEqual([expect.stringContaining('rebuild of prod has started')]);
      await tell('20261121-100000-2hpwr', 'succeeded', 'prod-2hpwr is live');
      expect((await made.told('20261121-100000-2hpwr')).toSorted()).toEqual([expect.stringContaining('prod-2hpwr is live'), expect.stringContaining('rebuild of prod has started')]);
    });

    it('may be told the same again, by whoever died before it heard that it had arrived', async () => {
      await tell('20261121-100000-again', 'failed', 'the load failed');
      await tell('20261121-100000-again', 'failed', 'the load failed');
      const texts = await made.told('20261121-100000-again');
      expect(texts.length).toBeGreaterThan(0);
      for (const text of texts) expect(text).toContain('the load failed');
    });

    it('tells the beginning, at least, of what is too long for whoever listens', async () => {
      await tell('20261121-100000-words', 'needsHuman', `look at the names; ${'and then '.repeat(500)}`);
      expect(await made.told('20261121-100000-words')).toEqual([expect.stringContaining('look at the names; and then')]);
    });
  });
}
