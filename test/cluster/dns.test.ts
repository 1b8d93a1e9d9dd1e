// The update that empties a zone, and the reading of what containerd prints: text in, data out.
import { expect, test } from 'vitest';
import { emptyingUpdate } from '../../cluster/dns.ts';
import { importedImages } from '../../cluster/images.ts';

const kept = `example.test.\t\t5\tIN\tSOA\tns1.example.test. hostmaster.example.test. 9 3600 60 86400 5
example.test.\t\t5\tIN\tNS\tns1.example.test.
example.test.\t\t5\tIN\tNS\tns2.example.test.
ns1.example.test.\t5\tIN\tA\t100.64.0.53
ns2.example.test.\t5\tIN\tA\t100.64.0.54
`;

test('a zone with nothing but its name servers needs no update', () => {
  expect(emptyingUpdate('example.test', { server: '100.64.0.53', transfer: kept })).toBeUndefined();
});

test('every other name goes, once, and so does what was added at the name of the zone', () => {
  const transfer = `${kept}example.test.\t5\tIN\tA\t100.64.128.1
example.test.\t5\tIN\tTXT\t"heritage=changeover"
www.example.test.\t5\tIN\tA\t100.64.128.1
www.example.test.\t5\tIN\tAAAA\tfd64:0:1::1
*.shop.example.test.\t5\tIN\tCNAME\twww.example.test.
;; Transfer size: 11 records
`;
  expect(emptyingUpdate('example.test', { server: '100.64.0.53', transfer })?.split('\n')).toEqual([
    'server 100.64.0.53',
    'zone example.test',
    'update delete www.example.test.',
    'update delete *.shop.example.test.',
    'update delete example.test. A',
    'update delete example.test. TXT',
    'send',
    '',
  ]);
});

test('the images of an archive are read from what ctr prints', () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  const printed = `unpacking example.test/web:1 (${digest})...done\nunpacking example.test/db:2 (${digest})...done\n`;
  expect(importedImages(printed)).toEqual({ 'example.test/web:1': digest, 'example.test/db:2': digest });
  expect(importedImages('')).toEqual({});
});
