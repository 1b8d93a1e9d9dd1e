// Key files as tsig-keygen and ddns-confgen write them, and what people put into Secrets instead.

import { describe, expect, it } from 'vitest';
import { parseTsigKey } from '../../src/drivers/dns/tsig-key.ts';

const key = { name: 'mover.example.test', algorithm: 'hmac-sha512', secret: 'ab//cd+Ef0=' };

describe('a TSIG key', () => {
  it.each([
    ['as tsig-keygen writes it', 'key "mover.example.test" {\n\talgorithm hmac-sha512;\n\tsecret "ab//cd+Ef0=";\n};\n'],
    ['on one line, without quotes', 'key mover.example.test { algorithm HMAC-SHA512; secret ab//cd+Ef0=; };'],
    ['with comments', '# for changeover\n// not this: key "x" { };\nkey "mover.example.test" {\n  secret "ab//cd+Ef0=";\n  algorithm hmac-sha512;\n};'],
  ])('is read %s', (_title, text) => {
    expect(parseTsigKey(text)).toEqual(key);
  });

  it.each([
    ['nothing', ''],
    ['a bare secret', 'ab//cd+Ef0='],
    ['no secret', 'key "x" { algorithm hmac-sha256; };'],
    ['a line break in the secret', 'key "x" { algorithm hmac-sha256; secret "ab//\nsend"; };'],
  ])('is refused with %s, and the error does not quote it', (_title, text) => {
    const read = () => parseTsigKey(text);
    expect(read).toThrow(expect.objectContaining({ reason: 'invalid' }));
    expect(read).not.toThrow(/ab\/\//);
  });
});
