// `tollgate demo`: a gateway with a sandbox upstream, a funded account, and commands to paste.
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createAccount, listAccounts, requireAccount } from '../../accounts/accounts.ts'
import type { Account } from '../../accounts/accounts.ts'
import { createKey } from '../../accounts/keys.ts'
import type { App } from '../../app/app.ts'
import { systemClock } from '../../clock.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import { terminalLanguage } from '../../config/environment/env-file.ts'
import type { Tx } from '../../db/database.ts'
import type { Store } from '../../db/dialect.ts'
import { StoreRefused } from '../../db/errors.ts'
import { storeAt } from '../../db/store-at.ts'
import { makeFolder } from '../../disk/folder.ts'
import { grant } from '../../ledger/grant.ts'
import { commandLine } from '../../operators/act.ts'
import { linkTimes, makeSignInLink } from '../../operators/links.ts'
import { createLog } from '../../log.ts'
import { featured } from '../history/drawn/cast.ts'
import { makeHistory } from '../history/history.ts'
import type { History, HistoryOptions } from '../history/history.ts'
import { offerPlace, writeOffer } from '../history/offer.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { run } from './serve.ts'
import { readSettings } from '../settings.ts'
import { startSandboxFor } from '../with-sandbox.ts'

const demoCredits = 1_000
const tokenBytes = 30

interface Opened {
  readonly key: string
  /** Of its account. */
  readonly credits: number
  /** Signs in to the console once. */
  readonly link: string
}

interface DemoOptions extends OutputOptions {
  readonly fresh?: boolean
  /** So many days of work are in the new store. */
  readonly history?: number
}

export async function demo(options: DemoOptions): Promise<void> {
  const { config, origin, folder } = settingsOfDemo(options)
  const databaseUrl = embeddedStoreIn(folder)
  const wasThere = await storeAt(databaseUrl).exists()
  const { sandbox, sandboxConfig } = await startSandboxFor({
    ...config,
    databaseUrl,
    dataDir: folder,
    sealingKey: null,
  })
  // The commands to paste go to stdout, so the log must not.
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr)
  // Orders that fail in a history are meant to.
  const quiet = createLog('error', process.stderr)
  let opened: Opened = { key: '', credits: 0, link: '' }
  // Everybody on this machine may look at what the operator sees, if they read it here.
  const adminToken = config.adminToken ?? randomBytes(tokenBytes).toString('base64url')
  // The user is on this machine, so results can be kept and shown from a local URL.
  const publicUrl = config.publicUrl ?? sandboxConfig.callbackOrigin
  const ours = { ...sandboxConfig, publicUrl, adminToken }
  let history: History | null = null
  const app = await run(
    {
      config: ours,
      origin,
      log,
      sandbox,
      newStore: true,
      orphan: false,
      async beforeStore(store) {
        if (options.fresh) await throwAway(store, folder)
        if (options.history) history = await fill(store, { config: ours, log: quiet, days: options.history })
      },
    },
    async (started) => {
      opened = await openAccount(started)
    },
  )
  // Closing the terminal ends the demo.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))
  say(wasThere ? (options.fresh ? wordsOfFresh : wordsOfKept) : wordsOfNew)
  const { key, link, credits } = opened
  print(
    options,
    { url: app.url, key, credits, sign_in_link: link, admin_token: adminToken, history },
    instructions({ url: app.url, ...opened, folder, adminToken }),
  )
}

/** With a history there are costs and a plan to show, unless there is a tollgate.yaml that says what is sold. */
function settingsOfDemo({ history }: DemoOptions) {
  const settings = readSettings()
  const folder = join(settings.config.dataDir, 'demo')
  if (settings.config.configFile !== null) return { ...settings, folder }
  if (history) writeOffer(folder)
  const configFile = offerPlace(folder)
  return { ...(existsSync(configFile) ? readSettings({ configFile }) : settings), folder }
}

/** Throws StoreRefused where the store of a demo is there already: days of before would stand behind those of now. */
async function fill(store: Store, options: Omit<HistoryOptions, 'endMs' | 'onDay'>): Promise<History> {
  const { config, days } = options
  if (await store.exists()) throw new StoreRefused(notEmpty(store.name))
  makeFolder(config.dataDir)
  const ownership = await store.own()
  rmSync(join(config.dataDir, 'media'), { recursive: true, force: true })
  const onDay = (day: number) => {
    if (day % toldDays === 0) say(`Day ${day} of ${days} of the history is played.`)
  }
  say(`Playing ${days} days of sandbox work. Thirty days take about half a minute.`)
  const made = await makeHistory({ ...options, endMs: systemClock.now(), onDay })
  await ownership.release()
  say(`The history is there: ${made.tasks} tasks of ${made.accounts} accounts.`)
  return made
}

const toldDays = 5

const notEmpty = (name: string) =>
  `${name} is the store of a demo before, and a history is only played into an empty one. ` +
  'tollgate demo --history --fresh throws it away and begins anew; tollgate demo goes on with it.'

const wordsOfNew = 'This store is of the demo alone; serve has another.'
const wordsOfKept =
  'This store is of the demo alone, and goes on with what the demo before left in it, old accounts and keys among ' +
  'them. tollgate demo --fresh begins with an empty one.'
const wordsOfFresh =
  'This store is of the demo alone, and new: that of the demo before was thrown away, as --fresh asks.'

/** Runs only after the port is reserved; `own` fails if another demo is using the store. */
async function throwAway(store: Store, folder: string): Promise<void> {
  const ownership = await store.own()
  await store.remove()
  // Their rows are gone.
  rmSync(join(folder, 'media'), { recursive: true, force: true })
  await ownership.release()
}

/** The largest customer of a history, or else an account that has nothing but credits. */
async function openAccount({ ctx, url }: App): Promise<Opened> {
  const { accountId, key, credits } = await ctx.db.transaction(async (tx) => {
    const nowMs = ctx.clock.now()
    const { id, balance } = (await featuredAccount(tx)) ?? (await newAccount(tx, nowMs))
    const { secret } = await createKey(tx, { accountId: id, name: 'demo', expiresAt: null, nowMs })
    return { accountId: id, key: secret, credits: balance }
  })
  const of = { account: accountId, forMs: linkTimes.usualMs, origin: url }
  return { key, credits, link: (await makeSignInLink(ctx, commandLine, of)).url }
}

async function featuredAccount(tx: Tx): Promise<Account | null> {
  const { rows } = await listAccounts(tx, { query: featured, before: null, limit: 1 })
  return rows.find(({ name }) => name === featured) ?? null
}

async function newAccount(tx: Tx, nowMs: number): Promise<Account> {
  const { id } = await createAccount(tx, { name: 'demo', nowMs })
  const notes = { private: null, public: 'demo' }
  await grant(tx, { accountId: id, amount: demoCredits, notes, idempotencyKey: null, nowMs })
  return await requireAccount(tx, id)
}

interface Shown extends Opened {
  readonly url: string
  readonly folder: string
  readonly adminToken: string
}

function instructions({ url, key, credits, folder, link, adminToken }: Shown): string[] {
  // Answers are in the reader's language and end with a newline for the terminal.
  const language = terminalLanguage()
  const authorization = `-H 'Authorization: Bearer ${key}' -H 'Accept-Language: ${language}'`
  const create = (body: object) => [
    `curl -s ${url}/api/v1/tasks/create -w '\\n' \\`,
    `  ${authorization} -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ]
  const get = (path: string) => `curl -s '${url}${path}' -w '\\n' ${authorization}`
  return [
    '',
    `An account with ${credits} credits, and its key:`,
    `  ${key}`,
    '',
    'The console, where this link signs in as that account, once:',
    `  ${link}`,
    `As the operator: ${url}/console and the token`,
    `  ${adminToken}`,
    '',
    '1. Order a picture (15 credits):',
    '',
    ...create({ model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise', aspect_ratio: '16:9' }),
    '',
    '2. Ask for the newest task until task_status is 3, then open its image_url:',
    '',
    get('/api/v1/tasks?limit=1'),
    '',
    '3. A prompt with "fail" in it fails, and within seconds the credits come back (ask for the ledger twice):',
    '',
    ...create({ model_id: 'gpt-image-2', prompt: 'this one shall fail' }),
    get('/api/v1/ledger?limit=3'),
    '',
    '4. A video:',
    '',
    ...create({ model_id: 'seedance-2', prompt: 'waves at dusk', duration: 4 }),
    '',
    'Commands look into this store where DATA_DIR names its folder, from another terminal:',
    '',
    `  DATA_DIR='${relative('', folder)}' npm run -s tollgate -- tasks list`,
    '',
    `Next: ${url}/docs, ${url}/docs/reference/, and the README. Ctrl-C ends the demo.`,
    '',
  ]
}
