import 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's address of the run's own Postgres (database `postgres`), by TCP on 127.0.0.1 with a password. */
    adminUrl: string;
  }
}
