// A certificate for servers on loopback, made anew for each test: nothing signed by it is trusted anywhere else.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Certificate {
  /** Its own authority: for `NODE_EXTRA_CA_CERTS`, or `SSL_CERT_FILE` of programs in Go. */
  readonly file: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** For `https://127.0.0.1` and `https://localhost`. */
export async function makeCertificate(directory: string): Promise<Certificate> {
  const [file, keyFile] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  await execa('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', keyFile, '-out', file,
  ]);
  return { file, keyFile, cert: await readFile(file, 'utf8'), key: await readFile(keyFile, 'utf8') };
}
