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
const links = 'test/http/console/links.test.ts'
const guesses = 'test/http/console/guesses.test.ts'
const ends = 'test/http/console/ends.test.ts'
const shownKey = 'test/http/console/session-key.test.ts'
const late = 'test/http/console/late-bodies.test.ts'
const sessions = 'src/sessions/sessions.ts'
const auth = 'src/http/console/auth.ts'
const pages = 'src/http/console/pages.ts'

export const guards: readonly Guard[] = [
  {
    name: 'the key that opened a session is read by this session while it goes on',
    file: 'src/http/console/session.ts',
    search: "if (session?.role !== 'customer' || token === null) return { key: null }",
    replacement: 'if (token === null) return { key: null }',
    tests: [shownKey],
  },
  {
    name: 'a copy of the store has no key of a customer',
    file: sessions,
    search: 'secret === null ? null : sealKey(token, secret)',
    replacement: 'secret',
    tests: [shownKey],
  },
  {
    name: 'a session that has ended meanwhile sets no password',
    file: 'src/sessions/sign-in.ts',
    search: '    if (!(await holdSession(tx, by.hash, nowMs))) throw hasEnded()\n',
    replacement: '',
    tests: ['test/http/console/passwords.test.ts'],
  },
  {
    name: 'what was set while an erasure began goes at its end',
    file: 'src/privacy/erasing.ts',
    search: '  await removeSettings(tx, accountId)\n',
    replacement: '',
    tests: ['test/privacy/erase.test.ts'],
  },
  {
    name: 'a body that comes late is not acted on with what has ended meanwhile',
    file: 'src/http/bodies/late-body.ts',
    search: 'request.isBodyLate && request.body !== undefined',
    replacement: 'request.isBodyLate && request.body === null',
    tests: [late],
  },
  {
    name: 'a key that was revoked orders nothing with a body that comes late',
    file: 'src/http/auth.ts',
    search: '  if (goOn) onLateBody(',
    replacement: "  if (goOn && scheme.api === 'operator') onLateBody(",
    tests: [late],
  },
  {
    name: 'a link that was used since the copy opens nothing after a restore',
    file: 'src/cli/commands/store/restore.ts',
    search: '  await copy.transaction(endAllSessions)\n',
    replacement: '',
    tests: ['test/cli/restore.test.ts'],
  },
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
  {
    name: 'a link is used up by its first use',
    file: 'src/sessions/links.ts',
    search: 'await tx.delete(signInLinks).where(isOpen).returning()',
    replacement: 'await tx.select().from(signInLinks).where(isOpen)',
    tests: [links],
  },
  {
    name: 'an expired link opens nothing',
    file: 'src/sessions/links.ts',
    search: 'eq(signInLinks.hash, hashOfToken(token)), gt(signInLinks.expiresAt, nowMs)',
    replacement: 'eq(signInLinks.hash, hashOfToken(token)), gt(signInLinks.expiresAt, 0)',
    tests: [links],
  },
  {
    name: 'a suspended account has no link left when it is active again',
    file: migration,
    search: 'DELETE FROM `sign_in_links` WHERE `account_id` = NEW.`id`;',
    replacement: 'SELECT 1;',
    tests: [links],
  },
  {
    name: 'no link is made for a suspended account',
    file: 'src/sessions/links.ts',
    search: "  if (status !== 'active') throw notActive()\n",
    replacement: '',
    tests: [links],
  },
  {
    name: 'a password is compared',
    file: 'src/sessions/passwords.ts',
    search: 'found.length === expected.length && timingSafeEqual(found, expected)',
    replacement: 'found.length === expected.length',
    tests: [links],
  },
  {
    name: 'a password opens no suspended account',
    file: 'src/sessions/sign-in.ts',
    search: "    if (status !== 'active') throw suspended()\n",
    replacement: '',
    tests: [links],
  },
  {
    name: 'setting a password ends the other sessions',
    file: 'src/sessions/sign-in.ts',
    search: '    await endSessionsOf(tx, by, by.hash)\n',
    replacement: '',
    tests: [links],
  },
  {
    name: 'who has only shown a key sets no password',
    file: 'src/http/console/session.ts',
    search: '      requireMakingKeys(ctx.config, session.openedBy)\n',
    replacement: '',
    tests: [links],
  },
  {
    name: 'passwords are guessed a few times for one account',
    file: 'src/http/console/guesses.ts',
    search: 'if (ofAccount.consumedPoints > ofAccountMax) throw',
    replacement: 'if (ofAccount.consumedPoints < 0) throw',
    tests: [links],
  },
  {
    name: 'one password is not tried for many accounts',
    file: 'src/http/console/guesses.ts',
    search: 'if (ofAddress.consumedPoints > ofAddressMax) throw',
    replacement: 'if (ofAddress.consumedPoints < 0) throw',
    tests: [guesses],
  },
  {
    name: 'a key that an operator revokes is gone from the rows of its sessions',
    file: 'src/operators/keys.ts',
    search: '      await endSessionsOfKey(tx, id)\n',
    replacement: '',
    tests: ['test/http/console/session-key.test.ts'],
  },
  {
    name: 'a key that a customer revokes is gone from the rows of its sessions',
    file: 'src/sessions/own-keys.ts',
    search: '    await endSessionsOfKey(tx, keyId)\n',
    replacement: '',
    tests: ['test/http/console/session-key.test.ts'],
  },
  {
    name: 'the key of a session is shown to pages, not to a typed address',
    file: 'src/http/console/session.ts',
    search: "if (request.headers['sec-fetch-site'] === 'none') return { key: null }",
    replacement: '',
    tests: ['test/http/console/session-key.test.ts'],
  },
  {
    name: 'sessions of no key act as one key of the account',
    file: 'src/sessions/access.ts',
    search: 'if (revokedAt === null && (expiresAt === null || expiresAt > nowMs)) return id',
    replacement: 'if (revokedAt === null && expiresAt === 0) return id',
    tests: [links],
  },
]
