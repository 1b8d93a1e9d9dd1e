// What is taken out of the words of others, and what happens when there is too much of both.

import { describe, expect, it } from 'vitest';
import { redactor } from '../../src/drivers/redactor.ts';

const manySecrets = Array.from({ length: 45_000 }, (_, index) => `secret-number-${index}`);

describe('hiding secrets', () => {
  it('replaces the longer of two that overlap', () => {
    expect(redactor(['abc', 'abcdef', ''])('abcdef abc x')).toBe('[secret] [secret] x');
  });

  it('finds each of forty-five thousand in an ordinary message', () => {
    const message = `Error: ${'it says so '.repeat(1_000)}`;
    expect(redactor(manySecrets)(`${message}secret-number-44999!`)).toBe(`${message}[secret]!`);
  });

  it('shows nothing of a message that would be searched for a minute, rather than a part that may end within a secret', () => {
    const hidden = redactor(manySecrets)(`secret-number-7 ${'it says so '.repeat(500_000)}`);
    expect(hidden).toBe('(5500016 characters, not shown: they may hold one of 45000 texts that are not to be told)');
  });

  it('shows a long log when there is little to look for: a token is no reason to hide it', () => {
    const log = 'a line of a log\n'.repeat(200_000);
    expect(redactor(['t'.repeat(1_200)])(log)).toBe(log);
  });

  it('shows what is shorter than the only secret', () => {
    expect(redactor(['x'.repeat(1_000_000)])('bad gateway')).toBe('bad gateway');
  });
});
