// Test keys: nothing of theirs reaches what is real, and nothing real reaches their gateway.
import type { Guard } from '../guard.ts'

const keys = 'test/accounts/keys.test.ts'
const separate = 'test/http/test-keys/separate.test.ts'
const forms = 'test/http/test-keys/forms.test.ts'
const revival = 'test/http/test-keys/revival.test.ts'
const life = 'test/http/test-keys/life.test.ts'

const callers = 'src/accounts/callers.ts'
const divert = 'src/http/test-keys/divert.ts'
const settings = 'src/app/test-keys/settings.ts'
const players = 'src/app/test-keys/players.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a test key that is known opens nothing real',
    file: callers,
    search: 'beginsAsTest(secret) ? null : callerOf(',
    replacement: 'callerOf(',
    tests: [keys],
  },
  {
    name: 'a real key that is known opens nothing behind test keys',
    file: callers,
    search: 'beginsAsTest(secret) ? callerOf(db, { secret, looksRight: looksLikeTestSecret }, asked) : null',
    replacement: 'callerOf(db, { secret, looksRight: looksLikeTestSecret }, asked)',
    tests: [keys],
  },
  {
    name: 'a real key never reaches the gateway behind test keys',
    file: divert,
    search: 'if (shownTestKey(headers) === null) return null',
    replacement: 'if (below === null && shownTestKey(headers) === null) return null',
    tests: [separate],
  },
  {
    name: 'a test key never reaches the real gateway where keys count',
    file: divert,
    search: 'return isForCustomers(target) ? target : null',
    replacement: "return isForCustomers(target) && target.startsWith('/v1') ? target : null",
    tests: [separate],
  },
  {
    name: 'pages, metrics and the operator are not behind test keys',
    file: divert,
    search: 'return isForCustomers(target) ? target : null',
    replacement: 'return target',
    tests: [separate],
  },
  {
    name: 'a target with its host, or with letters encoded, is read as the router reads it',
    file: divert,
    search: 'const routed = asRouted(url)',
    replacement: 'const routed = [url, asRouted(url)][0] ?? url',
    tests: [forms],
  },
  {
    name: 'a refused test key is told that it was one, whatever it asked',
    file: 'src/http/wire/failure.ts',
    search: "if (request.server.isSandboxRefusal?.(request)) reply.header(sandboxHeader, 'true')",
    replacement: '',
    tests: [forms],
  },
  {
    name: 'a scheme in any case shows the same key to both',
    file: 'src/http/test-keys/shown.ts',
    search: 'authorization.slice(0, scheme.length).toLowerCase() !== scheme',
    replacement: "authorization.slice(0, scheme.length) !== 'Bearer '",
    tests: [separate],
  },
  {
    name: 'an answer to a test key bears the mark, whoever answers',
    file: 'src/http/server.ts',
    search: 'readiness.sandbox || divert.isMeant(request)',
    replacement: 'readiness.sandbox',
    tests: [life],
  },
  {
    name: 'a stranger does not start the gateway behind test keys',
    file: 'src/app/test-keys/gateway.ts',
    search: 'if (!caller) return null',
    replacement: '',
    tests: [life],
  },
  {
    name: 'a damaged play store is made anew',
    file: 'src/app/test-keys/play.ts',
    search: '  await store.remove()',
    replacement: '',
    tests: [revival],
  },
  {
    name: 'what fails at each start is started ever more rarely',
    file: 'src/app/test-keys/revive.ts',
    search: 'Math.min(2 * pauseMs, pauseMaxMs)',
    replacement: 'pauseFirstMs',
    tests: ['test/http/test-keys/revive.test.ts'],
  },
  {
    name: 'an alarm tells that test keys do not work',
    file: 'src/http/test-keys/report.ts',
    search: "gauge.set(report()?.state === 'failed' ? 0 : 1)",
    replacement: 'gauge.set(report()?.state ? 1 : 1)',
    tests: [revival],
  },
  {
    name: 'strangers have one limit, whichever kind of key they try',
    file: 'src/http/test-keys/server.ts',
    search: '{ ...createLimits(ctx), stranger }',
    replacement: '{ ...createLimits(ctx), ...(stranger.length > 9 && { stranger }) }',
    tests: [life],
  },
  {
    name: 'what a test key asks does not count for the real keys of its account',
    file: 'src/http/test-keys/server.ts',
    search: '{ ...createLimits(ctx), stranger }',
    replacement: '{ ...createLimits(ctx), ...shared.limits, stranger }',
    tests: [life],
  },
  {
    name: 'links of test results lead to the gateway behind test keys',
    file: settings,
    search: 'publicUrl: `${config.publicUrl ?? url}${testPath}`,',
    replacement: 'publicUrl: config.publicUrl ?? url,',
    tests: [separate],
  },
  {
    name: 'play credits are topped up once a day',
    file: 'src/ledger/grant.ts',
    search: 'if (missing <= 0 || (last !== null && last >= sinceMs)) return last',
    replacement: 'if (missing <= 0) return last',
    tests: [life],
  },
  {
    name: 'a new test key tops up once more',
    file: players,
    search: 'Math.max(nowMs - (nowMs % dayMs), keyCreatedAt)',
    replacement: 'Math.max(nowMs - (nowMs % dayMs), keyCreatedAt * 0)',
    tests: [life],
  },
  {
    name: "changes of an account's limits reach its play account",
    file: 'src/accounts/accounts.ts',
    search: '.onConflictDoUpdate({ target: accounts.id, set: asItStands })',
    replacement: '.onConflictDoNothing()',
    tests: [life],
  },
  {
    name: 'no test key is made where they are off',
    file: 'src/operators/keys.ts',
    search: "if (wanted.kind === 'test' && ctx.config.testKeys === null) throw testKeysOff(words.test)",
    replacement: '',
    tests: [life],
  },
  {
    name: 'a test key of a gateway without them is told so',
    file: 'src/http/auth.ts',
    search: 'config.testKeys === null && shownTestKey(headers) !== null ? noTestKeys() : null',
    replacement: 'config.testKeys === null && shownTestKey(headers) === null ? noTestKeys() : null',
    tests: [life],
  },
  {
    name: 'a store that fails between two turns ends no process',
    file: 'src/db/sqlite/reader.ts',
    search: 'setImmediate(refreshQuietly)',
    replacement: 'setImmediate(refresh)',
    tests: ['test/db/turn-end.test.ts'],
  },
  {
    name: 'a sandbox that ends by itself is started again',
    file: 'src/cli/test-upstream.ts',
    search: '      setTimeout(restart, againAfterMs).unref()\n    })\n    // Neither',
    replacement: '    })\n    // Neither',
    tests: ['test/cli/test-upstream.long.test.ts'],
  },
]
