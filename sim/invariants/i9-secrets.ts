// I9, secrets stay secret: planted ones are looked for in whatever leaves a process, in every form in which they might come out.

import type { Kind } from '../../src/drivers/cluster/objects.ts';
import type { Traffic } from '../requests.ts';
import type { Invariant } from './scene.ts';

export const secretsStay: Invariant = ({ production: { world, events, said }, secrets = [], violate }) => {
  if (secrets.length === 0) return undefined;
  const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret), Buffer.from(secret).toString('hex')]);
  const search = (where: string, what: unknown): void => {
    const text = JSON.stringify(what);
    if (forms.some((form) => text.includes(form))) violate(`a planted secret shows in ${where}`);
  };
  world.onTraffic((traffic) => {
    if (traffic.moment !== 'sent') return;
    const { request } = traffic;
    search(`the text of a request (${request.driver}.${request.method})`, request.text);
    if (request.writes && !mayBearSecrets(traffic)) search(`what ${request.text} sends`, traffic.input);
  });
  return () => {
    search('an event of a run', events);
    search('what was said', said);
  };
};

/** Helm gets values, by a file that nobody else may read; and what is a Secret belongs into one. */
function mayBearSecrets({ request: { driver }, input }: Traffic): boolean {
  return driver === 'helm' || (driver === 'cluster' && (input[0] as Partial<Kind>).kind === 'Secret');
}
