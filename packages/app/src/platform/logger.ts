import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Field names whose values never reach a log, at the top of a record and up to two levels down. */
const secret_fields = [
  'password',
  'newPassword',
  'secret',
  'token',
  'apiKey',
  'api_key',
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'databaseUrl',
  'connectionString',
];

/** One JSON object a line on standard output (or `destination`), times in ISO 8601 UTC, secrets as [redacted]. */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly name?: string;
  readonly destination?: DestinationStream;
}): Logger {
  const paths = secret_fields.flatMap((field) => {
    const key = /^\w+$/.test(field) ? field : `["${field}"]`;
    const below = key.startsWith('[') ? key : `.${key}`;
    return [key, `*${below}`, `*.*${below}`];
  });
  return pino(
    {
      name: options.name ?? 'holdfast',
      level: options.level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[redacted]' },
      hooks: {
        // An address with a password in it, or a link's signature, may come in the middle of any text.
        logMethod(args, method) {
          const clean = args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg));
          // Given an error alone, pino would take its message as it is.
          const error = errorOf(args[0]);
          if (args.length === 1 && error) clean.push(redactText(error.message));
          method.apply(this, clean as typeof args);
        },
      },
      serializers: {
        err: (error: unknown) => describeError(error),
        error: (error: unknown) => describeError(error),
      },
    },
    ...(options.destination ? [options.destination] : []),
  );
}

function errorOf(given: unknown): Error | undefined {
  if (given instanceof Error) return given;
  const { err, error } = (given ?? {}) as { err?: unknown; error?: unknown };
  return [err, error].find((value) => value instanceof Error);
}

/** Takes passwords out of addresses, and bearer tokens and signatures out of any text. */
export function redactText(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, '$1:[redacted]@')
    .replaceAll(/\b(bearer)\s+[\w.~+/=-]+/gi, '$1 [redacted]')
    .replaceAll(/([?&](?:token|signature|sig|key|code)=)[^&\s"]+/gi, '$1[redacted]');
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redactText(error) : error;
  const { code, data } = error as { code?: unknown; data?: unknown };
  return {
    type: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code }),
    ...(data === undefined ? {} : { data }),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
