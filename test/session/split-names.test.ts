// Names that lead to different releases: a run that could not put them back, a record that was given up, somebody's hand. There is one
// command that leads them to one release again, every refusal prints it, and nobody has to edit a zone.

import { describe, expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { production, type Production } from '../../sim/production.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import type { Failure } from '../../src/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';

const denied = new DriverError({ reason: 'forbidden', attempted: 'changing the zone', detail: 'REFUSED' });

/** The key of one zone was withdrawn just when the names were to be put back: one is back, the other is not, and a human is called. */
async function split(): Promise<Production> {
  const made = await production();
  await made.command();
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'drainPrevious') made.world.sites.set('prod-r0002/ingress', { status: 503 });
    if (event.type === 'undoStarted' && event.step === 'swapNames') made.world.faults = failing(/^dns\.change second-org/, denied, Infinity);
  };
  const failed = await made.command({ operation: 'rebuild' }, { onEvent });
  expect(failed).toMatchObject({ outcome: 'needsHuman', failure: { code: 'UndoFailed' } });
  made.world.faults = () => undefined;
  // The secondary name servers are a second behind.
  await made.world.clock.sleep(5_000);
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0002']);
  return made;
}

describe('names that lead to two releases', () => {
  test('are led to the one that is named by a rollback to it; the next rebuild goes well', async () => {
    const made = await split();
    expect(await made.command({ operation: 'rollback', to: 'prod-r0001' })).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  });

  test.each(['rebuild', 'prune'] as const)('stop a %s, which prints that command', async (operation) => {
    const made = await split();
    const next = 'Lead all names to one release that has served the public (there are prod-r0001, prod-r0002): changeover rollback --to NAME';
    expect(await made.command({ operation })).toMatchObject({ exitCode: 5, failure: { code: 'GuardFailed', facts: { next } } });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0002']);
    expect(made.releases()).toEqual(['prod-r0001', 'prod-r0002']);
  });

  test('stop a rollback that does not say where to, which prints how it is said', async () => {
    const made = await split();
    const refused = await made.command({ operation: 'rollback' }).catch((error: unknown) => error as Failure);
    expect(refused).toMatchObject({ code: 'GuardFailed', facts: { summary: expect.stringContaining('several releases'), since: expect.stringMatching(/^2026-/), next: expect.stringMatching(/prod-r0001.*: changeover rollback --to NAME$/) } });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0002']);
  });

  test.each([{ operation: 'rebuild' }, { operation: 'rollback', to: 'prod-r0001' }] as const)('one of them to nothing of ours: $operation does not advise a rollback, which is refused as well', async (intent) => {
    const made = await production();
    await made.command();
    made.world.dns.edit('example-org', 'www.example.org.', [{ name: 'www.example.org.', type: 'A', ttl: 60, values: ['203.0.113.7'] }]);
    await made.world.clock.sleep(5_000);
    const refused = await made.command(intent);
    expect(refused?.failure?.code).toBe('GuardFailed');
    expect([refused?.failure?.facts.summary, ...(refused?.failure?.facts.details ?? [])].join('\n')).toContain('swap.replaceForeign: true takes it over');
    expect(refused?.failure?.next).toBe('Mend what is named above, then start the run again');
  });

  test('are not led to one that does not answer: they stay as they are', async () => {
    const made = await split();
    made.world.sites.set('prod-r0001/ingress', { status: 503 });
    expect(await made.command({ operation: 'rollback', to: 'prod-r0001' })).toMatchObject({ outcome: 'failed', failure: { code: 'VerificationFailed' } });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0002']);
  });

  test('are led there by the next command, too, when the first one dies on the way', async () => {
    const made = await split();
    made.world.faults = failing(/^dns\.change second-org/, 'killAfter');
    expect(await made.command({ operation: 'rollback', to: 'prod-r0001' })).toBeUndefined();
    made.world.faults = () => undefined;
    expect(await made.command({ operation: 'rollback', to: 'prod-r0001' })).toMatchObject({ outcome: 'succeeded' });
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });
});
