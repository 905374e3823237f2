// `npm run bench:console -- --tasks 1000000`: the console in a real browser with a slow processor, and lists over a store of years.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launchBrowser } from './console/browser.ts'
import { lists } from './console/lists.ts'
import { report } from './console/report.ts'
import type { Measure } from './console/report.ts'
import { firstViews } from './console/views.ts'
import { someAccount } from './growth/reads.ts'
import { sqliteStores } from './growth/stores.ts'
import { adminToken, startGateway } from './servers.ts'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    /** How many times slower than this machine the browser's processor is. */
    throttle: { type: 'string', default: '4' },
    /** Milliseconds that anything may take; a machine that others use needs more. */
    aim: { type: 'string', default: '1000' },
    /** A store that stands here already is measured as it is, and stays; without it one is made anew. */
    folder: { type: 'string' },
  },
})
const [tasks, runs, throttle, aimMs] = [values.tasks, values.runs, values.throttle, values.aim].map(Number)
if (!tasks || !runs || !throttle || !aimMs)
  throw new Error('--tasks, --runs, --throttle and --aim take numbers above 0')
const folder = values.folder ?? mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-console-'))
const stores = sqliteStores(folder)
const measured: Measure[] = []
try {
  await stores.make('years', tasks)
  const setting = { upstream: 'upstream.ts', config: 'tollgate.yaml', callbacks: false } as const
  const gateway = await startGateway(join(folder, 'years'), {
    ...setting,
    databaseUrl: stores.urlOf('years'),
  })
  const browser = await launchBrowser({ url: gateway.url, throttle })
  try {
    const { account, key } = await someAccount(stores, 'years', gateway)
    const who = { customer: await browser.signIn(key), operator: await browser.signIn(adminToken) }
    measured.push(...(await firstViews(browser, who, runs)))
    measured.push(...(await lists(browser, who, { runs, account })))
  } finally {
    await browser.close()
    await gateway.stop()
  }
} finally {
  await stores.stop()
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true })
}
const isWithin = report(measured, { tasks, runs, throttle, aimMs })
process.exitCode = isWithin ? 0 : 1
