import { NotFoundError } from '../platform/errors.ts';
import type { AccountServices } from './deps.ts';
import { everyScope, scopesOf } from './rules.ts';
import type { Scope } from './rules.ts';

export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  readonly start: string;
  readonly scopes: readonly Scope[];
  readonly last_used_at: Date | null;
  readonly expires_at: Date | null;
  readonly created_at: Date;
}

/** Makes a key. It is shown in this answer and never again. */
export async function createApiKey(
  deps: AccountServices,
  key: { personId: string; name: string; scopes: readonly Scope[]; expiresInDays: number | null },
): Promise<ApiKeyView & { key: string }> {
  const { api } = await deps.signIn();
  const made = await api.createApiKey({
    body: {
      userId: key.personId,
      name: key.name,
      permissions: { holdfast: everyScope.filter((scope) => key.scopes.includes(scope)) },
      expiresIn: key.expiresInDays === null ? undefined : key.expiresInDays * 86_400,
    },
  });
  deps.log.info({ person: key.personId, credential: made.id, scopes: key.scopes }, 'api key made');
  return {
    id: made.id,
    name: made.name ?? '',
    start: made.start ?? '',
    scopes: scopesOf(JSON.stringify(made.permissions ?? null)),
    last_used_at: null,
    expires_at: made.expiresAt,
    created_at: made.createdAt,
    key: made.key,
  };
}

/** Newest first. At most 100. */
export async function listApiKeys(deps: AccountServices, personId: string): Promise<ApiKeyView[]> {
  const { rows } = await deps.db.query<Omit<ApiKeyView, 'scopes'> & { permissions: string | null }>(
    `select id, coalesce(name, '') as name, coalesce(start, '') as start, permissions, last_request as last_used_at, expires_at, created_at
     from auth.api_key where reference_id = $1 order by id desc limit 100`,
    [personId],
  );
  return rows.map(({ permissions, ...row }) => Object.assign(row, { scopes: scopesOf(permissions) }));
}

/** It stops working at once. @throws NotFoundError `key` */
export async function revokeApiKey(deps: AccountServices, personId: string, id: string): Promise<void> {
  const { rowCount } = await deps.db.query('delete from auth.api_key where id = $1 and reference_id = $2', [
    id,
    personId,
  ]);
  if (rowCount === 0) throw new NotFoundError('key');
  deps.log.info({ person: personId, credential: id }, 'api key revoked');
}
