// A chart repository on loopback: files by path, nothing else.

import { createServer } from 'node:http';
import { listen } from '../support/loopback.ts';

export async function serveFiles(files: Readonly<Record<string, string | Buffer>>): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  const { host, close } = await listen(server);
  return { url: `http://${host}`, close };
}
