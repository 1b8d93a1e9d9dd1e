// The ends that are not plain success or failure: swapped back (3), needs a human (4), locked (5), and what is said then.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { terminal, type Terminal } from './terminal.ts';

let shell: Terminal;
beforeEach(async () => {
  shell = await terminal();
  await shell.type('rebuild -f prod.yaml');
});
afterEach(() => shell.close());

function lastWords(text: string): string {
  return text.slice(text.search(/\n(DONE|FAILED|STOPPED|NEEDS)/));
}

it('3: the new release fails while the public moves over, the names go back, and that is what is said', async () => {
  const onTalk = (text: string): void => {
    if (text.includes('[8/9]')) shell.world.sites.set('prod-r0002/ingress', { status: 503 });
  };
  const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml', { onTalk });
  expect(exitCode).toBe(3);
  expect(lastWords(stderr)).toMatchInlineSnapshot(`
    "
    FAILED, AND SWAPPED BACK  The new release failed while the public was moving over

      step        Wait until the public has moved
      what        GET http://www.example.org/ at 198.18.0.3: answered 503 instead of 200
      object      GET http://www.example.org/ at 198.18.0.3
      reason      answered 503 instead of 200
      since       2026-01-01 00:00:19 UTC (1 min 8 s ago)
      production  restored: all 2 names point to prod-r0001
      next        The candidate was removed (release.onFailure: keep leaves it for a look). Correct the cause above, then start the run again:
                  changeover rebuild -f prod.yaml
    "
  `);
  expect(shell.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});

it('4: the names have moved and cannot be taken back, because somebody else has them now', async () => {
  const theirs = { name: 'www.example.org.', type: 'A', ttl: 60, values: ['192.0.2.77'] } as const;
  const onTalk = (text: string): void => {
    if (!text.includes('[8/9]')) return;
    shell.world.sites.set('prod-r0002/ingress', { status: 503 });
    shell.world.dns.edit('example-org', theirs.name, [theirs]);
  };
  const { exitCode, stderr } = await shell.type('rebuild -f prod.yaml', { onTalk });
  expect(exitCode).toBe(4);
  expect(lastWords(stderr)).toMatch(/^\nNEEDS A HUMAN {2}/);
  expect(lastWords(stderr)).toContain('192.0.2.77');
  expect(lastWords(stderr)).toContain('it began with: GET http://www.example.org/ at 198.18.0.3: answered 503 instead of 200');
  expect(lastWords(stderr)).toMatch(/production {2}the names disagree: www\.example\.org\. → no release of this environment/);
});

it('5: a second run is told who holds the lock, what takes it from a runner that hangs, and last what stops one in order', async () => {
  let second: ReturnType<Terminal['type']> | undefined;
  const onTalk = (text: string): void => {
    if (text.includes('[8/9]')) second ??= shell.type('rebuild -f prod.yaml');
  };
  const first = await shell.type('rebuild -f prod.yaml', { onTalk });
  const refused = await second;
  expect([first.exitCode, refused?.exitCode]).toEqual([0, 5]);
  expect(refused?.stderr).toContain('host/1 seems to hold the lock; watching for 30 s whether it is alive');
  expect(lastWords(refused?.stderr ?? '')).toMatchInlineSnapshot(`
    "
    FAILED  Another run holds the lock of this environment

      what        host/1 holds it since 2026-01-01T00:00:14.684Z (renewed 2026-01-01T00:00:24.694Z)
      object      Lease changeover/changeover-prod
      since       2026-01-01 00:00:14 UTC (11 s ago)
      production  untouched: no run was begun
      next        Wait for it:
                  changeover status -w -f prod.yaml
                  If it hangs, take the lock from it (one that is alive stops, and leaves its run to the next):
                  changeover lock release --force -f prod.yaml
                  To stop it in order:
                  changeover cancel -f prod.yaml
    "
  `);
  expect(shell.releases()).toEqual(['prod-r0001', 'prod-r0002']);
});
