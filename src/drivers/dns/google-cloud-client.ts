// The Cloud DNS client, sending every request exactly once and with a time-out. Keeps credentials out of errors and off plain HTTP.

import type { DNS } from '@google-cloud/dns';
import { DriverError, type DriverErrorOptions, type FailureReason } from '../failure.ts';

export interface GoogleCloudClientOptions {
  /** Default: the project of the credentials. */
  readonly project: string | undefined;
  /** The JSON text of a service account's key, or of a workload identity configuration; default: the environment's own identity. */
  readonly credentials: string | undefined;
  /** `https://dns.googleapis.com` unless given. */
  readonly endpoint: string | undefined;
  readonly timeoutMs: number;
}

/** Every rejection of the client's methods is a DriverError. Loads the library only now: it takes a third of a second. */
export async function googleCloudClient(options: GoogleCloudClientOptions): Promise<DNS> {
  const endpoint = new URL(options.endpoint ?? 'https://dns.googleapis.com');
  const credentials = options.credentials === undefined ? undefined : parseCredentials(options.credentials);
  const projectId = options.project ?? credentials?.['project_id'];
  const library = await import('@google-cloud/dns');
  const client = new library.DNS({
    apiEndpoint: endpoint.host,
    ...(credentials === undefined ? {} : { credentials }),
    ...(typeof projectId === 'string' ? { projectId } : {}),
  });
  client.baseUrl = `${endpoint.origin}${endpoint.pathname.replace(/\/$/, '')}/dns/v1`;
  sendOnce(client, options.timeoutMs, endpoint.protocol === 'https:' ? 'signed' : 'plain');
  return client;
}

type Transport = DNS['makeAuthenticatedRequest'];

/** As the library hands it over. */
interface LibraryRequest {
  readonly uri: string;
  readonly method?: string | undefined;
  readonly qs?: Readonly<Record<string, string | number | undefined>>;
  readonly json?: unknown;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
}

type Callback = (error: Error | null, body?: unknown) => void;

/**
 * The library's own transport (retry-request 8) sends again up to three times when no answer came, changes included, and nothing
 * stops it: a change could happen after this driver had given up on it. This one authenticates as the library does, and sends once.
 */
function sendOnce(client: DNS, timeoutMs: number, mode: 'signed' | 'plain'): void {
  const authenticate = client.makeAuthenticatedRequest;
  const transport = (request: LibraryRequest, callback: Callback): void => {
    const signal = AbortSignal.timeout(timeoutMs);
    const authenticated = mode === 'plain' ? Promise.resolve(request) : signed(request, authenticate);
    const gaveUp = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    // After the time-out nothing is sent any more, however late the token comes: fetch refuses an aborted signal.
    const answer = Promise.race([authenticated.then((ready) => send(ready, signal)), gaveUp]);
    answer.then(
      (body) => callback(null, body),
      (error: unknown) => callback(asDriverError(error, request)),
    );
  };
  client.makeAuthenticatedRequest = Object.assign(transport as unknown as Transport, { ...authenticate });
}

function signed(request: LibraryRequest, authenticate: Transport): Promise<LibraryRequest> {
  return new Promise((resolve, reject) => {
    const onAuthenticated = (error: Error | null, ready?: LibraryRequest): void => {
      if (error !== null || ready === undefined) reject(authenticationError(request, error));
      else resolve(ready);
    };
    authenticate(request as Parameters<Transport>[0], { onAuthenticated: onAuthenticated as () => void });
  });
}

async function send(request: LibraryRequest, signal: AbortSignal): Promise<unknown> {
  const url = new URL(request.uri);
  for (const [name, value] of Object.entries(request.qs ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = new Headers(request.headers);
  if (request.json !== undefined) headers.set('content-type', 'application/json');
  const body = request.json === undefined ? null : JSON.stringify(request.json);
  const response = await fetch(url, { method: request.method ?? 'GET', headers, body, signal, redirect: 'error' });
  const text = await response.text();
  if (!response.ok) throw statusError(request, response, text);
  return parsed(text) ?? Promise.reject(failed(request, { reason: 'unreadable', detail: `HTTP ${response.status} with a body that is not JSON` }));
}

interface ApiError {
  readonly error?: { readonly message?: string; readonly errors?: readonly { readonly reason?: string }[] };
}

function statusError(request: LibraryRequest, response: Response, text: string): DriverError {
  const body = parsed(text) as ApiError | undefined;
  const cause = body?.error?.errors?.[0]?.reason;
  const detail = [`HTTP ${response.status}`, cause, body?.error?.message].filter((part) => part !== undefined).join(': ');
  const retryAfterMs = Number(response.headers.get('retry-after') ?? Number.NaN) * 1_000;
  return failed(request, { reason: reasonOf(response.status, cause), detail, ...(Number.isNaN(retryAfterMs) ? {} : { retryAfterMs }) });
}

/** Status codes and reasons: https://cloud.google.com/dns/docs/reference/rest/v1/changes/create and the common API errors. */
function reasonOf(status: number, cause: string | undefined): FailureReason {
  if (cause?.endsWith('ateLimitExceeded') || status === 408 || status === 429 || status >= 500) return 'unavailable';
  // An alias appeared beside what was to be added.
  if (cause === 'cnameResourceRecordSetConflict' || status === 409 || status === 412) return 'conflict';
  if (status === 401 || status === 403) return 'forbidden';
  return status === 404 ? 'notFound' : 'invalid';
}

function asDriverError(thrown: unknown, request: LibraryRequest): DriverError {
  if (thrown instanceof DriverError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return failed(request, { reason: 'timeout', detail: 'no answer in time' });
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return failed(request, { reason: 'unavailable', detail: cause instanceof Error ? cause.message : String(cause) });
}

/** The library's error carries the signed assertion in its request: only its message goes on. */
function authenticationError(request: LibraryRequest, cause: (Error & { readonly status?: number }) | null): DriverError {
  const refused = cause?.status === undefined || (cause.status >= 400 && cause.status < 500);
  return failed(request, { reason: refused ? 'forbidden' : 'unavailable', detail: `no access token: ${cause?.message ?? 'no credentials'}` });
}

function failed({ method = 'GET', uri }: LibraryRequest, options: Omit<DriverErrorOptions, 'attempted'>): DriverError {
  return new DriverError({ ...options, attempted: `${method} ${uri}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseCredentials(text: string): Readonly<Record<string, unknown>> {
  const credentials = parsed(text);
  if (typeof credentials === 'object' && credentials !== null && 'type' in credentials) return { ...credentials };
  throw new DriverError({ reason: 'invalid', attempted: 'reading the Google Cloud credentials', detail: 'they are not the JSON of a key file' });
}
