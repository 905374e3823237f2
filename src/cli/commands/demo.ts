// `tollgate demo`: a gateway with a sandbox upstream, a funded account, and commands to paste.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createAccount } from '../../accounts/accounts.ts'
import { createKey } from '../../accounts/keys.ts'
import type { App } from '../../app/app.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import { terminalLanguage } from '../../config/environment/env-file.ts'
import type { Store } from '../../db/dialect.ts'
import { storeAt } from '../../db/store-at.ts'
import { grant } from '../../ledger/grant.ts'
import { commandLine } from '../../operators/act.ts'
import { linkTimes, makeSignInLink } from '../../operators/links.ts'
import { createLog } from '../../log.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { run } from './serve.ts'
import { readSettings } from '../settings.ts'
import { startSandboxFor } from '../with-sandbox.ts'

const demoCredits = 1_000
const tokenBytes = 30

interface Opened {
  readonly key: string
  /** Signs in to the console once. */
  readonly link: string
}

export async function demo(options: OutputOptions & { fresh?: boolean }): Promise<void> {
  const { config, origin } = readSettings()
  const folder = join(config.dataDir, 'demo')
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
  let opened: Opened = { key: '', link: '' }
  // Everybody on this machine may look at what the operator sees, if they read it here.
  const adminToken = config.adminToken ?? randomBytes(tokenBytes).toString('base64url')
  // The user is on this machine, so results can be kept and shown from a local URL.
  const publicUrl = config.publicUrl ?? sandboxConfig.callbackOrigin
  const app = await run(
    {
      config: { ...sandboxConfig, publicUrl, adminToken },
      origin,
      log,
      sandbox,
      newStore: true,
      orphan: false,
      ...(options.fresh && { beforeStore: async (store) => await throwAway(store, folder) }),
    },
    async (started) => {
      opened = await openAccount(started)
    },
  )
  // Closing the terminal ends the demo.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))
  say(wasThere ? (options.fresh ? wordsOfFresh : wordsOfKept) : wordsOfNew)
  const { key, link } = opened
  print(
    options,
    { url: app.url, key, credits: demoCredits, sign_in_link: link, admin_token: adminToken },
    instructions({ url: app.url, key, folder, link, adminToken }),
  )
}

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

async function openAccount({ ctx, url }: App): Promise<Opened> {
  const { accountId, key } = await ctx.db.transaction(async (tx) => {
    const nowMs = ctx.clock.now()
    const { id } = await createAccount(tx, { name: 'demo', nowMs })
    const notes = { private: null, public: 'demo' }
    await grant(tx, { accountId: id, amount: demoCredits, notes, idempotencyKey: null, nowMs })
    const { secret } = await createKey(tx, { accountId: id, name: 'demo', expiresAt: null, nowMs })
    return { accountId: id, key: secret }
  })
  const of = { account: accountId, forMs: linkTimes.usualMs, origin: url }
  return { key, link: (await makeSignInLink(ctx, commandLine, of)).url }
}

interface Shown extends Opened {
  readonly url: string
  readonly folder: string
  readonly adminToken: string
}

function instructions({ url, key, folder, link, adminToken }: Shown): string[] {
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
    `An account with ${demoCredits} credits, and its key:`,
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
