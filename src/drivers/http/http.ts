// One HTTP request, to a chosen address, with a chosen Host; through the API server where the cluster's names do not resolve.

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** `http://ingress.prod-2hpwr.svc.cluster.local/…` or `https://www.example.org/…`. */
  readonly url: string;
  /** Connect to this IP address or host name instead of resolving the URL's host; Host and SNI stay the URL's. */
  readonly connectTo?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** For https: accept a certificate that does not verify. Default false. */
  readonly insecure?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 1 MiB; longer bodies are cut and `truncated` is set. */
  readonly body: string;
  readonly truncated: boolean;
  readonly durationMs: number;
}

export interface Http {
  /** Any status is an answer; no redirect is followed. Rejects 'timeout' or 'unavailable' when there is none. */
  request(request: HttpRequest): Promise<HttpResponse>;
}
