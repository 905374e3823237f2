// Sessions of the console: what opens one, what it opens, and what ends it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../copy.ts'
import type { Guard } from '../guard.ts'

const migrations = 'migrations/sqlite'
const migration = join(
  migrations,
  readdirSync(join(root, migrations)).find((file) => file.endsWith('_sessions.sql')) ?? '',
)
const http = 'test/http/console/sessions.test.ts'
const ends = 'test/http/console/ends.test.ts'
const sessions = 'src/sessions/sessions.ts'
const auth = 'src/http/console/auth.ts'
const pages = 'src/http/console/pages.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a session that is over opens nothing',
    file: sessions,
    search: 'row.sessionEndsAt <= nowMs || row.sessionExpiresAt <= nowMs',
    replacement: 'row.sessionEndsAt <= 0 || row.sessionExpiresAt <= 0',
    tests: [ends],
  },
  {
    name: 'a session ends with its key and its account',
    file: sessions,
    search: "revokedAt !== null || key.status !== 'active'",
    replacement: "key.status !== 'active'",
    tests: [ends],
  },
  {
    name: 'a session ends when its key expires',
    file: sessions,
    search: 'key.expiresAt !== null && key.expiresAt <= nowMs',
    replacement: 'key.expiresAt !== null && key.expiresAt <= 0',
    tests: [ends],
  },
  {
    name: 'a suspended account has no session left when it is active again',
    file: migration,
    search: 'DELETE FROM `sessions` WHERE `account_id` = NEW.`id`;',
    replacement: 'SELECT 1;',
    tests: [ends],
  },
  {
    name: 'the store has no token of a session',
    file: 'src/sessions/tokens.ts',
    search: "hash('sha256', token, 'hex')",
    replacement: 'token',
    tests: [http],
  },
  {
    name: 'signing in anew ends the session before',
    file: sessions,
    search: '  if (instead !== null) await endSession(tx, instead)\n',
    replacement: '',
    tests: [ends],
  },
  {
    name: "an operator's session ends with the operator's token",
    file: auth,
    search: 'now !== null && session.isOf(now.tokenHash) ?',
    replacement: 'now !== null ?',
    tests: [ends],
  },
  {
    name: 'a session of an operator opens no client API',
    file: auth,
    search: "if (session?.role !== 'customer') throw signedOut()",
    replacement: "if (session?.role !== 'customer') return",
    tests: [http],
  },
  {
    name: 'a session of a customer opens no operator API',
    file: auth,
    search: "if (session?.role !== 'operator') throw signedOut()\n    request.operator = session.is",
    replacement:
      "request.operator = session?.role === 'operator' ? session.is : { name: 'x', role: 'owner', refundMax: null }",
    tests: [http],
  },
  {
    name: 'an operator has the role of the route at the console as well',
    file: auth,
    search: '    requireRoleOfRoute(request)\n',
    replacement: '',
    tests: [http],
  },
  {
    name: 'a session is of use where its key is',
    file: auth,
    search: '!mayComeFrom(signedIn.caller, request.ip)',
    replacement: "signedIn.caller.keyId === ''",
    tests: [http],
  },
  {
    name: 'a page of another site does nothing with a session',
    file: pages,
    search: "site !== undefined && site !== 'same-origin' && !(site === 'none' && isRead)",
    replacement: "site === 'other'",
    tests: [http],
  },
  {
    name: 'a typed address changes nothing',
    file: pages,
    search: "site === 'none' && isRead",
    replacement: "site === 'none'",
    tests: [http],
  },
  {
    name: 'a request that does not say where it comes from has no session',
    file: pages,
    search: 'return site !== undefined\n',
    replacement: 'return true\n',
    tests: [http],
  },
  {
    name: 'a page of another address does nothing with a session',
    file: pages,
    search: 'host === request.host.toLowerCase() &&',
    replacement: "host !== '' &&",
    tests: [http],
  },
  {
    name: 'nobody signs in over an open line',
    file: 'src/http/console/session.ts',
    search: '      if (kind === null) throw needsTls()\n',
    replacement: '      if (kind === null) return await viewSession(ctx, null)\n',
    tests: [http],
  },
  {
    name: 'the plain cookie is taken on this machine alone',
    file: 'src/http/console/cookie.ts',
    search: "secure.length > 0 || kind !== 'plain' ?",
    replacement: 'secure.length > 0 ?',
    tests: [http],
  },
]
