// A DNS provider with several front ends, one of which shows for a moment what a zone held before: a run neither fails for that, nor
// leaves the names at different releases.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';
import type { Faults } from '../../sim/requests.ts';

const environment = environmentWith({ deleteExisting: false });

async function withOneRelease(): Promise<Production> {
  const made = await production({}, { environment });
  await made.command();
  return made;
}

/** From the first request on that matches `after`, one that matches `text` is answered as of five seconds ago. */
function staleAfter(after: RegExp, text: RegExp): Faults {
  const stale = failing(text, { fault: 'stale', ms: 5_000 });
  let isOn = false;
  return (request) => {
    isOn ||= after.test(request.text);
    return isOn ? stale(request) : undefined;
  };
}

test.each(['dns.readText second-org', 'dns.readText example-org'])('the answer to %s, just after the names have moved, does not take them back', async (text) => {
  const made = await withOneRelease();
  made.world.faults = staleAfter(/^dns\.change/, new RegExp(`^${text}`));
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
});

test.each(['dns.read second-org', 'dns.read example-org', 'dns.readText second-org'])('the answer to %s, while the names are taken back, leaves none of them behind', async (text) => {
  const made = await withOneRelease();
  made.world.dns.onChange(() => {
    if (made.publicReleases().includes('prod-r0002')) made.world.sites.set('prod-r0002/ingress', { status: 503 });
  });
  const stale = failing(new RegExp(`^${text}`), { fault: 'stale', ms: 5_000 });
  const ended = await made.command({ operation: 'rebuild' }, {
    onEvent: ({ type }) => {
      if (type === 'undoStarted') made.world.faults = (request) => stale(request);
    },
  });
  expect(ended).toMatchObject({ outcome: 'restored' });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});

test('what somebody has put back by hand meanwhile is kept', async () => {
  const made = await withOneRelease();
  const { dns, sites } = made.world;
  const www = 'www.example.org.';
  const before = dns.held(www);
  dns.onChange(() => {
    if (made.publicReleases().includes('prod-r0002')) sites.set('prod-r0002/ingress', { status: 503 });
  });
  const ended = await made.command({ operation: 'rebuild' }, {
    onEvent: ({ type }) => {
      if (type === 'undoStarted') dns.edit('example-org', www, before);
    },
  });
  expect(ended).toMatchObject({ outcome: 'restored' });
  expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
});
