import type { AccountDeps, AccountServices } from '../../src/accounts/deps.ts';
import { createSignIn } from '../../src/accounts/sign-in.ts';
import { createLocalMailer, listLocalMails } from '../../src/delivery/mail/local-mailbox.ts';
import { createSignInMails } from '../../src/delivery/mail/sign-in-mails.ts';
import type { World } from './world.ts';

export const publicUrl = 'http://127.0.0.1:8000';

export interface SignInWorld {
  readonly accounts: AccountServices;
  /** Everyone who was welcomed, in order, once for each time. */
  readonly welcomed: string[];
  /** Asks sign-in as a browser would. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The link in the newest mail to this address. */
  linkTo(email: string): Promise<string>;
  settle(): Promise<void>;
}

export function createSignInWorld(
  world: World,
  settings: Partial<AccountDeps['settings']> = {},
): SignInWorld {
  const welcomed: string[] = [];
  const background: Promise<unknown>[] = [];
  const deps: AccountDeps = {
    db: world.db,
    log: world.log,
    settings: {
      publicUrl,
      secret: 'a secret that only this test knows, 32 bytes',
      signUpCreditsNeedVerifiedEmail: false,
      sessionDays: 30,
      ...settings,
    },
    welcome: async (personId) => welcomed.push(personId),
  };
  const signIn = createSignIn(deps, {
    mails: createSignInMails(createLocalMailer(world)),
    trustedOrigins: [publicUrl],
    inBackground: (work) => background.push(work),
  });
  const ask = (path: string, init: RequestInit) =>
    signIn.handler(new Request(path.startsWith('http') ? path : `${publicUrl}/api/auth${path}`, init));
  const settle = async () => {
    await Promise.all(background.splice(0));
  };
  return {
    accounts: { ...deps, signIn: async () => signIn },
    welcomed,
    settle,
    post: (path, body, headers) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: publicUrl, ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers) => ask(path, { headers }),
    async linkTo(email) {
      await settle();
      const mail = (await listLocalMails(world.db)).find(
        ({ recipient, link }) => recipient === email && link,
      );
      if (!mail?.link) throw new Error(`No mail with a link went to ${email}`);
      return mail.link;
    },
  };
}

/** What a browser sends back of what it was given. */
export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}
