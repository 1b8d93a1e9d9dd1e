// What the chart tells the programs through their environment, read once. The password never leaves this object.

export interface Settings {
  /** The Helm release; sent with every response, so that a client can tell who answered. */
  release: string;
  build: string;
  port: number;
  /** How long to go on answering after SIGTERM, until no proxy sends anything here any more. */
  drainMs: number;
  database: { host: string; database: string; user: string; password: string };
}

export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  return {
    release: environment['RELEASE'] ?? 'unknown',
    build: environment['BUILD'] ?? '',
    port: numberFrom(environment, 'PORT', 8080),
    drainMs: 1000 * numberFrom(environment, 'DRAIN_SECONDS', 5),
    database: {
      host: environment['DATABASE_HOST'] ?? 'database',
      database: environment['DATABASE_NAME'] ?? 'cities',
      user: environment['DATABASE_USER'] ?? 'portal',
      password: environment['DATABASE_PASSWORD'] ?? '',
    },
  };
}

/** A number that cannot be read is refused: a default in its place would hide a mistake in the chart. */
export function numberFrom(environment: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = environment[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is not a number: ${text}`);
  return value;
}
