// What is found after a crash is told like any other violation: what led to it, what is there in the end, and all that happened.

import { expect, test } from 'vitest';
import { crash, crashed, undisturbed } from '../../sim/boundaries.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';

test('a finding has its story, and the crash a transcript in which the death is told', async () => {
  const usual = await undisturbed({ ...findSubject('lock'), outcomes: ['never'] });
  const { findings, transcript, world } = await crashed(usual, { deaths: [{ nth: 1, fault: 'killAfter' }] });
  expect(findings).toMatchObject([{ invariant: 'L1', problem: expect.stringContaining('should have never') as string }]);
  expect(findings[0]?.story?.at(-1)).toMatch(/^2026-01-01T\S+ process \d+: cluster\.replace leases/);
  expect(transcript.text()).toContain('dies at its request 1, the first being 0: killAfter');
  expect(transcript.text()).toContain('from here on nobody dies any more');
  expect(transcript.text()).toContain('the run ends: succeeded');
  expect(world).toContainEqual(expect.stringMatching(/^www\.example\.org\. leads to prod-r\d{4} /));
});

test('the same crash is the same transcript', async () => {
  const usual = await undisturbed(findSubject('lock'));
  const places = { deaths: [{ nth: 2, fault: 'kill' }] } as const;
  expect((await crashed(usual, places)).transcript.hash()).toBe((await crashed(usual, places)).transcript.hash());
  expect(await crash(usual, places)).toEqual([]);
});
