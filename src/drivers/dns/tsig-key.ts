// A TSIG key as BIND writes it into key files. Never shows the secret in an error.

import { DriverError } from '../failure.ts';

export interface TsigKey {
  readonly name: string;
  /** `hmac-sha256` */
  readonly algorithm: string;
  /** Base64. */
  readonly secret: string;
}

/** Reads `key "name" { algorithm hmac-sha256; secret "…"; };` (tsig-keygen, ddns-confgen). Throws 'invalid'. */
export function parseTsigKey(text: string): TsigKey {
  const [, name, body] = /key\s+"?([^"\s{]+)"?\s*\{([^}]*)\}/.exec(withoutComments(text)) ?? [];
  const algorithm = /algorithm\s+"?([-\w]+)"?\s*;/.exec(body ?? '')?.[1];
  const secret = /secret\s+"?([A-Za-z0-9+/=]+)"?\s*;/.exec(body ?? '')?.[1];
  if (name === undefined || algorithm === undefined || secret === undefined) {
    throw new DriverError({ reason: 'invalid', attempted: 'reading the TSIG key', detail: 'it must read: key "NAME" { algorithm hmac-sha256; secret "BASE64"; };' });
  }
  return { name, algorithm: algorithm.toLowerCase(), secret };
}

/** Comments take whole lines here: a secret may contain two slashes. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:#|\/\/).*$/gm, '');
}
