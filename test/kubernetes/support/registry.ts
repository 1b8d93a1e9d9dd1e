// A registry of charts and images on loopback: Debian's docker-registry, with a certificate of the test's own. It keeps nothing.

import { createInterface } from 'node:readline';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { aptInstall, locate } from '../../../cluster/packages.ts';
import type { Certificate } from '../../support/certificate.ts';

export interface Registry {
  /** `127.0.0.1:PORT`, by https. */
  readonly host: string;
  close(): Promise<void>;
}

export interface RegistryOptions {
  readonly directory: string;
  readonly certificate: Certificate;
  /** `required`: nothing without `login`. */
  readonly login?: 'required';
}

export const login = { username: 'test', password: 'let-me-in' } as const;
/** The file of Apache's htpasswd (bcrypt), which is all that the registry reads. */
const passwords = `test:$2b$04$Ovzs84ED5PHEyq348JdsGeOj00UEJT9gg649s1hSxNiQSdfoLVMs2\n`;

/** Installs the package where it is missing; its service is not started. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const { directory } = options;
  if ((await locate('docker-registry')) === undefined) await aptInstall(['docker-registry']);
  await mkdir(directory, { recursive: true });
  await writeFile(passwordFile(directory), passwords);
  const file = join(directory, 'registry.yml');
  await writeFile(file, stringify(configuration(options)));
  const running = execa('docker-registry', ['serve', file], { reject: false, stdin: 'ignore' });
  const close = async (): Promise<void> => {
    running.kill();
    await running;
  };
  for await (const line of createInterface({ input: running.stderr })) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (host === undefined) continue;
    // Nobody reads on, and a full pipe would stop it.
    running.stderr.resume();
    return { host, close };
  }
  throw new Error(`docker-registry ended: ${(await running).stderr}`);
}

function configuration({ directory, certificate, login: wanted }: RegistryOptions): object {
  return {
    version: '0.1',
    log: { accesslog: { disabled: true }, level: 'info' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    // The kernel chooses a free port.
    http: { addr: '127.0.0.1:0', tls: { certificate: certificate.file, key: certificate.keyFile } },
    ...(wanted === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: passwordFile(directory) } } }),
  };
}

function passwordFile(directory: string): string {
  return join(directory, 'htpasswd');
}
