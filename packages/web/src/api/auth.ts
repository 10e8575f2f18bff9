import { createAuthClient } from 'better-auth/client';
import { ApiError, NetworkError } from './errors.ts';

const client = createAuthClient({ basePath: '/api/auth' });

type Answer<T> = {
  data: T | null;
  error: { status: number; statusText: string; code?: string; message?: string } | null;
};

/** Turns the auth library's two-sided answers into what the rest of the app does: a value, or an error that says its code. */
async function settle<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    throw new NetworkError(error);
  }
  if (!answer.error) return answer.data as T;
  const { status, code, message } = answer.error;
  if (status === 0) throw new NetworkError(answer.error);
  throw new ApiError(status, { status, code: code?.toLowerCase(), detail: message });
}

export type Session = {
  id: string;
  token: string;
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date;
  userAgent?: string | null;
  ipAddress?: string | null;
};
export type ApiKey = {
  id: string;
  name: string | null;
  start: string | null;
  createdAt: Date;
  lastRequest: Date | null;
  expiresAt: Date | null;
  enabled: boolean;
};

export const auth = {
  signUp: (name: string, email: string, password: string) =>
    settle(client.signUp.email({ name, email, password, callbackURL: '/verify-email?done=1' })),
  signIn: (email: string, password: string) => settle(client.signIn.email({ email, password })),
  signOut: () => settle(client.signOut()),
  sendVerification: (email: string) =>
    settle(client.sendVerificationEmail({ email, callbackURL: '/verify-email?done=1' })),
  requestReset: (email: string) =>
    settle(client.requestPasswordReset({ email, redirectTo: '/reset-password' })),
  resetPassword: (token: string, newPassword: string) => settle(client.resetPassword({ token, newPassword })),
  changePassword: (currentPassword: string, newPassword: string) =>
    settle(client.changePassword({ currentPassword, newPassword, revokeOtherSessions: true })),
  session: () => settle(client.getSession()),
  sessions: () => settle<Session[]>(client.listSessions()),
  revokeSession: (token: string) => settle(client.revokeSession({ token })),
  revokeOtherSessions: () => settle(client.revokeOtherSessions()),
  apiKeys: async () => {
    const answer = await settle<ApiKey[] | { apiKeys: ApiKey[] }>(
      client.$fetch('/api-key/list', { method: 'GET' }),
    );
    return Array.isArray(answer) ? answer : answer.apiKeys;
  },
  createApiKey: (name: string) =>
    settle<ApiKey & { key: string }>(client.$fetch('/api-key/create', { method: 'POST', body: { name } })),
  revokeApiKey: (keyId: string) =>
    settle<{ success: boolean }>(client.$fetch('/api-key/delete', { method: 'POST', body: { keyId } })),
};
