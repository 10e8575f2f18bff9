import { expect } from 'vitest';
import { createApiKey } from '../../../src/accounts/api-keys.ts';
import { createHttpWorld } from '../../support/http-world.ts';
import type { AskOptions, HttpWorld, TestPerson } from '../../support/http-world.ts';
import { wish } from './routes.ts';
import type { Route } from './routes.ts';

export interface RubbishWorld {
  readonly http: HttpWorld;
  readonly person: TestPerson;
  /** The same person, with a key that may only read. */
  readonly readOnly: TestPerson;
  /** A generation of somebody else's. */
  readonly theirs: string;
  /** As the route's caller would be let in: by session where only that will do. */
  letIn(route: Pick<Route, 'access'>): AskOptions;
}

export async function createRubbishWorld(): Promise<RubbishWorld> {
  const http = await createHttpWorld();
  const person = await http.signUp();
  const other = await http.signUp();
  const theirs = (await other.client.generate(wish)).id;
  const key = await createApiKey(http.context.accounts, {
    personId: person.id,
    name: 'reader',
    scopes: ['read'],
    expiresInDays: null,
  });
  return {
    http,
    person,
    readOnly: { ...person, apiKey: key.key },
    theirs,
    letIn: ({ access }) => (access === 'session' ? { headers: { cookie: person.cookie } } : { as: person }),
  };
}

/** To be asked at the end: whatever was sent, nothing was held, charged or made. */
export async function expectNothingDone(person: TestPerson): Promise<void> {
  expect(await person.client.balance()).toMatchObject({ total: 100, held: 0, available: 100 });
  expect((await person.client.generations()).items).toEqual([]);
}

/** Refused with that status and code, as a problem that tells nothing of the inside. @returns it */
export async function expectRefused(
  response: Response,
  status: number,
  code: string | RegExp,
): Promise<Record<string, unknown>> {
  const text = await response.text();
  expect(`${response.headers.get('content-type')} ${text}`).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as Record<string, unknown>;
  const wanted = typeof code === 'string' ? new RegExp(`^${code}$`) : code;
  expect(problem['code']).toMatch(wanted);
  expect(response.status).toBe(status);
  expect(problem).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(problem['request_id']).toBe(response.headers.get('x-request-id'));
  expect(text).not.toMatch(/at .*\.ts:\d+|postgres|node_modules|syntax error/i);
  return problem;
}
