// Doors: who may ask, and that nobody sees what is another's.
import type { Guard } from '../guard.ts'

const keys = 'test/accounts/keys.test.ts'
const httpKeys = 'test/http/keys.test.ts'
const routes = 'test/http/routes.test.ts'
const query = 'test/http/query.test.ts'
const limits = 'test/http/limits.test.ts'
const secrets = 'test/http/secrets.test.ts'
const transport = 'test/http/transport.test.ts'

const readAhead = 'test/http/wire/read-ahead.test.ts'

const find = 'src/tasks/read/find.ts'
const callers = 'src/accounts/callers.ts'
const secret = 'src/accounts/secret.ts'
const auth = 'src/http/auth.ts'

export const guards: readonly Guard[] = [
  {
    name: "another account's task is not found",
    file: find,
    search: "eq(tasks.accountId, sql.placeholder('accountId')),\n    isOwners(read),",
    replacement: "sql`${sql.placeholder('accountId')} <> ''`,\n    isOwners(read),",
    tests: [query, readAhead],
  },
  {
    name: "another account's tasks are not listed",
    file: find,
    search: 'filter.accountId === null ? undefined : eq(tasks.accountId, filter.accountId)',
    replacement: 'filter.accountId === null ? undefined : undefined',
    tests: [query],
  },
  {
    name: "another account's entries are not listed",
    file: 'src/ledger/statement.ts',
    search: 'eq(entries.accountId, filter.accountId),',
    replacement: '',
    tests: [query, routes],
  },
  {
    name: 'credits are those of the account that asks',
    file: 'src/ledger/statement.ts',
    search: 'owed: accounts.owed })\n    .from(accounts)\n    .where(eq(accounts.id, accountId))',
    replacement: 'owed: accounts.owed })\n    .from(accounts)',
    tests: [query, routes],
  },
  {
    name: 'a revoked key opens nothing',
    file: callers,
    search: ".where(and(eq(keys.hash, sql.placeholder('hash')), isNull(keys.revokedAt)))",
    replacement: ".where(eq(keys.hash, sql.placeholder('hash')))",
    tests: [keys],
  },
  {
    name: 'an expired key opens nothing',
    file: callers,
    search: 'found && (found.expiresAt === null || found.expiresAt > nowMs) ? found : null',
    replacement: 'found && (found.expiresAt === null || nowMs > 0) ? found : null',
    tests: [keys],
  },
  {
    name: 'a key that is remembered is forgotten when rights change',
    file: callers,
    search: 'if (known?.rights !== rights) {',
    replacement: 'if (!known) {',
    tests: [keys, httpKeys],
  },
  {
    name: 'a caller is recognised only by what he shows',
    file: auth,
    search: 'if (!last || last.shown !== request.headers.authorization) return false',
    replacement: 'if (!last) return false',
    tests: [httpKeys],
  },
  {
    name: 'a caller is not recognised when rights have changed',
    file: callers,
    search: 'caller.rights === rights && unexpired',
    replacement: 'caller.rights <= rights && unexpired',
    tests: [httpKeys],
  },
  {
    name: 'what was read ahead is shown by the rights that were read with it',
    file: callers,
    search: 'isAsRead(caller, knownCallers(db, now).rights, asked)',
    replacement: 'isAsRead(caller, now > 0 ? caller.rights : 0, asked)',
    tests: [readAhead],
  },
  {
    name: 'nothing is read ahead for an account whose minute is over',
    file: auth,
    search: 'limits.isSpent(presumed) ? null : ',
    replacement: '',
    tests: [readAhead],
  },
  {
    name: 'a caller is not recognised when his key has expired',
    file: callers,
    search: ' && unexpired(caller, nowMs) !== null',
    replacement: ' && nowMs > 0',
    tests: [httpKeys],
  },
  {
    name: 'a mistyped key is refused by its looks',
    file: secret,
    search:
      'afterBeginning.test(rest) && checksum(rest.slice(0, randomLength)) === rest.slice(-checksumLength)',
    replacement: 'afterBeginning.test(rest) && checksum(rest).length === checksumLength',
    tests: [keys],
  },
  {
    name: 'a key is stored as a hash',
    file: secret,
    search: "return hash('sha256', secret, 'hex')",
    replacement: 'return secret',
    tests: [keys],
  },
  {
    name: 'of a key only its beginning is shown again',
    file: secret,
    search: 'return `${secret.slice(0, prefixLengthOf(secret))}…`',
    replacement: 'return secret',
    tests: [keys],
  },
  {
    name: 'a key is random',
    file: secret,
    search: 'const random = randomText(randomLength)',
    replacement: "const random = 'a'.repeat(randomLength)",
    tests: [keys],
  },
  {
    name: 'every letter of a secret is equally likely',
    file: 'src/ids.ts',
    search: 'const unbiasedBelow = 256 - (256 % alphabet.length)',
    replacement: 'const unbiasedBelow = 256',
    tests: ['test/ids.test.ts'],
  },
  {
    name: 'the operator API asks for the admin token',
    file: 'src/operators/roles.ts',
    search: 'timingSafeEqual(shown, expected) ? admin',
    replacement: 'shown.length === expected.length ? admin',
    tests: [routes, httpKeys],
  },
  {
    name: 'without an admin token the operator API is off',
    file: auth,
    search: 'throw operatorApiOff()',
    replacement: '',
    tests: [limits],
  },
  {
    name: 'a request without a caller goes no further',
    file: auth,
    search: 'return caller !== null',
    replacement: 'return true',
    tests: [limits],
  },
  {
    name: 'who guesses keys is held up',
    file: auth,
    search: 'limits.stranger(request).then(refuse, done)',
    replacement: 'refuse()',
    tests: [limits],
  },
  {
    name: 'an account asks no more often than it may',
    file: 'src/http/limits.ts',
    search: 'if (consumedPoints > max) throw rateLimited(max, Math.min(msBeforeNext, minuteSeconds * 1_000))',
    replacement: '',
    tests: [limits],
  },
  {
    name: 'one network is one stranger',
    file: 'src/http/limits.ts',
    search: "? address.parts.slice(0, groupsOfNetwork).join(':')",
    replacement: '? address.toString()',
    tests: [limits],
  },
  {
    name: 'the address is that of the connection unless a proxy is trusted',
    file: 'src/http/frame.ts',
    search: 'trustProxy: trustedProxies.length > 0 && [...trustedProxies],',
    replacement: 'trustProxy: true,',
    tests: [limits],
  },
  {
    name: 'a create is read up to its limit',
    file: 'src/http/bodies/json-body.ts',
    search: 'if (length <= jsonBytesMax) return',
    replacement: 'if (length >= 0) return',
    tests: [transport],
  },
  {
    name: 'a slow request is cut off',
    file: 'src/http/connections/connections.ts',
    search: 'if (connection.lateChecks * checkEveryMs >= timeoutMs)',
    replacement: 'if (connection.lateChecks === Infinity)',
    tests: [transport],
  },
  {
    name: 'an answer says nothing of our own errors',
    file: 'src/http/wire/failure.ts',
    search: "return new GatewayError('internal', words.internal, { cause: error })",
    replacement:
      "return new GatewayError('internal', { en: String(error), zh: String(error) }, { cause: error })",
    tests: ['test/http/envelope.test.ts'],
  },
  {
    name: 'a log that is read slowly costs bounded memory',
    file: 'src/log.ts',
    search: 'if (!isFatal && waitingBytes + turn.text.length >= waitingBytesMax) {',
    replacement: 'if (waitingBytes < 0) {',
    tests: ['test/log.test.ts'],
  },
  {
    name: 'a fatal line waits for who reads the log',
    file: 'src/log.ts',
    search: 'if (isFatal) finish()',
    replacement: 'if (waitingBytes < 0) finish()',
    tests: ['test/log.test.ts'],
  },
  {
    name: 'a line that is not fatal waits for nobody',
    file: 'src/log.ts',
    search: 'const isFatal = output.lastLevel >= fatalLevel',
    replacement: 'const isFatal = output.lastLevel < fatalLevel || output.lastLevel >= fatalLevel',
    tests: ['test/log.test.ts'],
  },
  {
    name: 'secrets are cut out of the log',
    file: 'src/log.ts',
    search:
      "redact: { paths: [...secretNames, 'headers.authorization', 'headers.cookie'], censor: '[secret]' },",
    replacement: '',
    tests: ['test/log.test.ts'],
  },
  {
    name: 'a configuration is shown with its secrets masked',
    file: 'src/config/shown.ts',
    search: 'return `•••• (${secret.length} characters)`',
    replacement: 'return secret',
    tests: ['test/config/secrets.test.ts'],
  },
  {
    name: 'what Keevx says reaches the log without our key',
    file: 'src/upstream/answers/redact.ts',
    search: 'for (const secret of known) clean = clean.replaceAll(secret, instead)',
    replacement: '',
    tests: ['test/upstream/reason.test.ts', 'test/upstream/submit.test.ts'],
  },
  {
    name: 'what Keevx says reaches customers without its name',
    file: 'src/upstream/answers/reason.ts',
    search: "text = text.replace(pattern, (found) => (tells(found) ? ' ' : found))",
    replacement: '',
    tests: ['test/upstream/reason.test.ts'],
  },
  {
    name: 'every answer bears its security headers',
    file: 'src/http/wire/headers/stamp.ts',
    search: 'for (const [name, value] of fixed) reply.header(name, value)',
    replacement: '',
    tests: ['test/http/pages.test.ts', 'test/http/routes.test.ts', secrets],
  },
]
