// Regular expressions from a configuration: they match, they do not, or they never come to an end.

import { describe, expect, it } from 'vitest';
import { bodyMatches } from '../../src/steps/body-match.ts';

describe('an expression', () => {
  it('matches or does not, with Unicode letters', () => {
    expect(bodyMatches('"release":\\s*"prod-', '{"release": "prod-2hpwr"}')).toBe(true);
    expect(bodyMatches('^\\p{Lu}', 'Ärzte')).toBe(true);
    expect(bodyMatches('^nothing$', 'something')).toBe(false);
  });

  it('that would take for ever is given up, and the next one works again', () => {
    expect(bodyMatches('^(a+)+$', `${'a'.repeat(60)}!`)).toBeUndefined();
    expect(bodyMatches('a', 'a')).toBe(true);
  });

  it('that is none is an error of its own', () => {
    expect(() => bodyMatches('(', '')).toThrow(/Invalid regular expression/);
  });
});
