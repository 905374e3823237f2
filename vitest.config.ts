// How the tests run: two files for each core. Those that take long have a run of their own.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** A test that hangs is told apart from one that is slow on a busy machine. */
const testTimeoutMs = 180_000
/** Opening a store and a gateway takes longer than a test when both cores are taken. */
const hookTimeoutMs = 180_000

/** Registries of packages may be slow. */
const installTimeoutMs = 1_200_000

/** They start a process for each step, bring more load than others do, or play through hours of trouble. */
const long = [
  'test/cli/**/*.test.ts',
  'test/load/**/*.test.ts',
  'test/http/test-keys/{life,revival,surfaces}.test.ts',
  // They ask every route for everything, or load a linter for its document.
  'test/openapi.test.ts',
  'test/http/words.test.ts',
  'test/http/connections/requests.test.ts',
  'test/**/*.long.test.ts',
]
/** They move whole stores into a PostgreSQL server, or start gateways on one, and take as long as a hundred others. */
const servers = [
  'test/db/move/{move,killed,refused,command}.test.ts',
  'test/db/restored.test.ts',
  'test/db/place.test.ts',
  'test/db/postgres/{behind-caddy,gateway,held-row,newer,schema,served}.test.ts',
]
/** Several gateways in one process on one server: nothing that other files have left behind may slow them down. */
const instances = ['test/instances/{together,callbacks,money}.test.ts']
/** They start the proxies of the operator's guide, which have to be installed. */
const proxies = ['test/proxies/**/*.test.ts']
/** They replace a module, which others of their process would find replaced too. */
const apart = ['test/media/hanging.test.ts']
/** They install clients of others, in several languages, and run them against a gateway. */
const clients = ['test/clients/**/*.test.ts']
/** They drive a browser, which has to be installed. */
const browsers = ['test/console/**/*.test.ts']
const others = ['test/faults/**', 'test/bench/**', ...proxies, ...clients, ...browsers, ...apart]

// Gateways of tests start threads, and each would compile all that it loads anew: half of what it costs.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/tests', import.meta.url))

/** `npm run test:postgres`: the stores of the tests are there. */
const isOnPostgres = process.env['TOLLGATE_TEST_STORES'] === 'postgres'

export default defineConfig({
  test: {
    environment: 'node',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...others, ...long, ...servers, ...instances],
          globalSetup: 'test/support/in-memory.ts',
          setupFiles: isOnPostgres ? ['test/support/stores/skip-on-postgres.ts'] : [],
        },
      },
      { extends: true, test: { name: 'apart', include: apart, isolate: true } },
      { extends: true, test: { name: 'long', include: long } },
      {
        extends: true,
        test: {
          name: 'servers',
          include: servers,
          globalSetup: 'test/support/in-memory.ts',
          setupFiles: isOnPostgres ? ['test/support/stores/skip-on-postgres.ts'] : [],
        },
      },
      {
        extends: true,
        test: {
          name: 'instances',
          include: instances,
          isolate: true,
          globalSetup: 'test/support/in-memory.ts',
          setupFiles: isOnPostgres ? ['test/support/stores/skip-on-postgres.ts'] : [],
        },
      },
      { extends: true, test: { name: 'proxies', include: proxies } },
      { extends: true, test: { name: 'console', include: browsers } },
      {
        extends: true,
        test: {
          name: 'clients',
          include: clients,
          hookTimeout: installTimeoutMs,
          testTimeout: installTimeoutMs,
        },
      },
    ],
    pool: 'forks',
    // Files that run one after another in a process share its modules: loading them anew took a third of all time.
    isolate: false,
    // Two for each core: half of a test's time it waits for a process, a timer or the disk.
    maxWorkers: 2 * availableParallelism(),
    testTimeout: testTimeoutMs,
    hookTimeout: hookTimeoutMs,
    // A test without an assertion promises nothing.
    expect: { requireAssertions: true },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'sandbox/**/*.ts'],
      // Commands run in processes of their own, where they are tested but not counted.
      exclude: ['src/main.ts', 'src/cli/**'],
      reporter: ['text-summary', 'html'],
      thresholds: { lines: 85, functions: 85, branches: 75 },
    },
  },
})
