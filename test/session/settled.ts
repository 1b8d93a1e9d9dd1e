// How it must be once a rebuild has come to its end, whatever happened on the way.

import { expect } from 'vitest';
import type { Production } from '../../sim/production.ts';

/** One release, another than `before`; the public on it, and never anywhere it should not have been. */
export function expectMovedFrom(before: string, { releases, publicReleases, observer }: Production): void {
  const [live, ...others] = releases();
  expect(others).toEqual([]);
  expect(live).not.toBe(before);
  expect(publicReleases()).toEqual([live, live]);
  expect(observer.violations).toEqual([]);
}
