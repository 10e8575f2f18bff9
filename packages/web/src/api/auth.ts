import { apiError, ConnectionError, type Problem } from '@holdfast/client';
import { createAuthClient } from 'better-auth/client';

const client = createAuthClient({ basePath: '/api/auth' });

type Answer<T> = {
  data: T | null;
  error: ({ status: number; statusText: string; message?: string } & Partial<Problem>) | null;
};

/** Turns the sign-in library's two-sided answers into what the rest of the app does: a value, or an error that says its code. */
async function settle<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new ConnectionError('No answer from the server.', { cause: error });
  }
  const { error } = answer;
  if (!error) return answer.data as T;
  if (error.status === 0) throw new ConnectionError('No answer from the server.', { cause: error });
  throw apiError({
    ...error,
    type: error.type ?? 'about:blank',
    title: error.title ?? error.statusText,
    code: (error.code ?? `http_${error.status}`).toLowerCase(),
    detail: error.detail ?? error.message ?? '',
  });
}

export type Session = {
  id: string;
  token: string;
  createdAt: Date;
  userAgent?: string | null;
  ipAddress?: string | null;
};

const afterVerification = '/verify-email?done=1';

export const auth = {
  signUp: (name: string, email: string, password: string) =>
    settle(client.signUp.email({ name, email, password, callbackURL: afterVerification })),
  signIn: (email: string, password: string) => settle(client.signIn.email({ email, password })),
  signOut: () => settle(client.signOut()),
  sendVerification: (email: string) =>
    settle(client.sendVerificationEmail({ email, callbackURL: afterVerification })),
  requestReset: (email: string) =>
    settle(client.requestPasswordReset({ email, redirectTo: '/reset-password' })),
  resetPassword: (token: string, newPassword: string) => settle(client.resetPassword({ token, newPassword })),
  changePassword: (currentPassword: string, newPassword: string) =>
    settle(client.changePassword({ currentPassword, newPassword, revokeOtherSessions: true })),
  session: () => settle(client.getSession()),
  sessions: () => settle<Session[]>(client.listSessions()),
  revokeSession: (token: string) => settle(client.revokeSession({ token })),
  revokeOtherSessions: () => settle(client.revokeOtherSessions()),
};
