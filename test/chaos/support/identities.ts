// Accounts and certificates signed by the embedded cluster's own authority: one account for each process, so that the audit log tells
// who wrote what. Makes files in the directory it is given, and nothing else.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { certificateAuthority, type Connection } from '../../../cluster/connection.ts';

export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

interface Wanted {
  /** `/O=system:masters/CN=somebody` */
  readonly subject: string;
  readonly directory: string;
  /** Without slashes and colons. */
  readonly file: string;
  readonly alternatives?: string;
}

export async function signed(connection: Connection, { subject, directory, file, alternatives }: Wanted): Promise<KeyPair> {
  const authority = certificateAuthority(connection);
  const pair = { certificate: join(directory, `${file}.crt`), key: join(directory, `${file}.key`) };
  await execa('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2', '-subj', subject,
    '-CA', authority.certificate, '-CAkey', authority.key,
    '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternatives === undefined ? [] : ['-addext', `subjectAltName=${alternatives}`]),
    '-keyout', pair.key, '-out', pair.certificate,
  ]);
  return pair;
}

/** An administrator of that name. Returns the path of his kubeconfig. */
export async function administrator(connection: Connection, { name, directory }: { readonly name: string; readonly directory: string }): Promise<string> {
  const file = name.replaceAll(/[^a-z0-9]+/g, '-');
  const pair = await signed(connection, { subject: `/O=system:masters/CN=${name}`, directory, file });
  const user = { 'client-certificate-data': await readFile(pair.certificate, 'base64'), 'client-key-data': await readFile(pair.key, 'base64') };
  const authority = await readFile(certificateAuthority(connection).certificate, 'base64');
  const { context, clusterName } = connection;
  const path = join(directory, `${file}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: context, context: { cluster: clusterName, user: name } }],
    clusters: [{ name: clusterName, cluster: { server: connection.apiServer, 'certificate-authority-data': authority } }],
    users: [{ name, user }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** The same account by another way: the path of a copy that leads there. */
export async function leadingTo(server: string, kubeconfig: string): Promise<string> {
  const config = JSON.parse(await readFile(kubeconfig, 'utf8')) as { readonly clusters: readonly { readonly name: string; readonly cluster: object }[] };
  const path = `${kubeconfig}.other`;
  await writeFile(path, JSON.stringify({ ...config, clusters: config.clusters.map(({ name, cluster }) => ({ name, cluster: { ...cluster, server } })) }), { mode: 0o600 });
  return path;
}
