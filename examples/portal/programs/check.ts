// `helm test`: asks the release through its own ingress whether it serves what was loaded. Reads only.
import { numberFrom, readSettings } from './settings.ts';

export async function check(): Promise<void> {
  const { release } = readSettings();
  const minimum = numberFrom(process.env, 'MINIMUM_CITIES', 1);
  // The page is checked for its content, too: a login page or an error page may well have status 200.
  const page = await ask('http://ingress/', release);
  if (!page.includes(`id="release">${release}<`)) throw new Error('the page does not name the release');
  for (const url of ['http://ingress/search', 'http://search/search', 'http://search/']) {
    const { total } = JSON.parse(await ask(url, release)) as { total: number };
    if (!(total >= minimum)) throw new Error(`${url} finds ${total} cities, and at least ${minimum} were expected`);
  }
}

async function ask(url: string, release: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${body.slice(0, 200)}`);
  const answeredBy = response.headers.get('x-release');
  if (answeredBy !== release) throw new Error(`${url} was answered by ${answeredBy}, not by ${release}`);
  process.stdout.write(`ok ${url}\n`);
  return body;
}
