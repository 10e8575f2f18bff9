import type pg from 'pg';
import { HoldfastError } from '../errors.ts';
import { sqlState } from '../database.ts';

/** Owns every table and function; nobody logs in as it. */
export const ownerRole = 'holdfast_owner';
/** What servers and workers are inside the database: it reads and writes rows, and owns nothing. */
export const appRole = 'holdfast_app';

export const schemas = ['ledger', 'holdfast', 'auth', 'pgboss'] as const;

/**
 * Makes the two roles and the schemas, where they are missing. The connected login becomes a member of both roles.
 * @param login the name that the application logs in as, if that is another one
 */
export async function prepareRoles(client: pg.ClientBase, login?: string): Promise<void> {
  try {
    for (const role of [ownerRole, appRole]) await makeRole(client, role);
    const members = new Set([await currentUser(client), ...(login === undefined ? [] : [login])]);
    for (const member of members) await makeMember(client, appRole, member);
    await makeMember(client, ownerRole, await currentUser(client));
    for (const schema of schemas)
      await client.query(`create schema if not exists ${schema} authorization ${ownerRole}`);
    await client.query(
      `do $$ begin execute format('grant create on database %I to ${ownerRole}', current_database()); end $$`,
    );
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    const { rows } = await client.query<{ login: string; database: string }>(
      'select session_user as login, current_database() as database',
    );
    const { login: name, database } = rows[0] ?? { login: 'the login', database: 'the database' };
    throw new HoldfastError(
      'database_rights_missing',
      `${name} may not make the roles and schemas that Holdfast needs in ${database}: let a superuser run "create role ${ownerRole}; create role ${appRole}; grant ${ownerRole}, ${appRole} to ${name}; grant create on database ${database} to ${name}, ${ownerRole};" once, or give such a login in DATABASE_OWNER_URL.`,
      {},
      { cause: error },
    );
  }
}

/** Roles belong to the whole server, so another database's migration may be making the same one right now. */
async function makeRole(client: pg.ClientBase, role: string): Promise<void> {
  await client.query(`
    do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then
        create role ${role} nologin;
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end $$`);
}

async function makeMember(client: pg.ClientBase, role: string, member: string): Promise<void> {
  const { rows } = await client.query<{ member: boolean }>(
    `select exists (
       select from pg_roles where rolname = $2 and rolsuper
       union all
       select from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles u on u.oid = m.member
       where r.rolname = $1 and u.rolname = $2
     ) as member`,
    [role, member],
  );
  if (rows[0]?.member) return;
  await client.query(`grant ${role} to "${member.replaceAll('"', '""')}"`);
}

async function currentUser(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select session_user as name');
  return rows[0]?.name ?? '';
}

/** What the application may do: read and write rows, call functions; in these schemas and in nothing else. */
export async function grantToApplication(client: pg.ClientBase): Promise<void> {
  for (const schema of ['holdfast', 'auth', 'pgboss']) {
    await client.query(`
      grant usage on schema ${schema} to ${appRole};
      grant select, insert, update, delete on all tables in schema ${schema} to ${appRole};
      grant usage, select on all sequences in schema ${schema} to ${appRole};
      grant execute on all functions in schema ${schema} to ${appRole};
    `);
  }
  await client.query(`revoke insert, update, delete on holdfast.migration from ${appRole}`);
}
