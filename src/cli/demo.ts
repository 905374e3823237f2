// `tollgate demo`: a gateway with a sandbox behind it, an account with credits, and what to paste.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createAccount } from '../accounts/accounts.ts'
import { createKey } from '../accounts/keys.ts'
import type { App } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import { lockFile } from '../db/lock.ts'
import { grant } from '../ledger/grant.ts'
import { createLog } from '../log.ts'
import { print } from './exit.ts'
import type { OutputOptions } from './exit.ts'
import { run } from './serve.ts'
import { startSandboxFor } from './with-sandbox.ts'

const demoCredits = 1_000

export async function demo(options: OutputOptions): Promise<void> {
  const config = loadConfig()
  const folder = join(config.dataDir, 'demo')
  const file = join(folder, 'tollgate.db')
  await requirePort(config.host, config.port)
  // A demo begins afresh, but not under the feet of one that is running.
  const unlock = lockFile(file)
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
  // No row knows of these any more.
  rmSync(join(folder, 'media'), { recursive: true, force: true })
  unlock()
  const { sandbox, sandboxConfig } = await startSandboxFor({
    ...config,
    databaseUrl: `file:${file}`,
    dataDir: folder,
  })
  // What to paste goes to stdout, so the log may not.
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr)
  let key = ''
  // Whoever looks on sits at this machine, so results can be kept and shown from here.
  const publicUrl = config.publicUrl ?? sandboxConfig.callbackOrigin
  const app = await run(
    { config: { ...sandboxConfig, publicUrl }, log, sandbox, newStore: true, orphan: false },
    async (started) => {
      key = await openAccount(started)
    },
  )
  // Whoever closes the terminal has seen enough.
  process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'))
  print(options, { url: app.url, key, credits: demoCredits }, instructions(app.url, key))
}

/** Nothing is thrown away before it is certain that the demo can listen. Throws what listening throws. */
async function requirePort(host: string, port: number): Promise<void> {
  const probe = createServer()
  probe.listen(port, host)
  await once(probe, 'listening')
  probe.close()
  await once(probe, 'close')
}

async function openAccount({ ctx }: App): Promise<string> {
  return await ctx.db.transaction(async (tx) => {
    const nowMs = ctx.clock.now()
    const { id } = await createAccount(tx, { name: 'demo', nowMs })
    const notes = { private: null, public: 'demo' }
    await grant(tx, { accountId: id, amount: demoCredits, notes, idempotencyKey: null, nowMs })
    return (await createKey(tx, { accountId: id, name: 'demo', expiresAt: null, nowMs })).secret
  })
}

function instructions(url: string, key: string): string[] {
  const create = (body: object) => [
    `curl -s ${url}/api/v1/tasks/create \\`,
    `  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ]
  return [
    '',
    `An account with ${demoCredits} credits, and its key:`,
    `  ${key}`,
    '',
    '1. Order a picture (15 credits):',
    '',
    ...create({ model_id: 'gpt-image-2', prompt: 'a serene zen garden at sunrise', aspect_ratio: '16:9' }),
    '',
    '2. Ask for the newest task until task_status is 3, then open its image_url:',
    '',
    `curl -s '${url}/api/v1/tasks?limit=1' -H 'Authorization: Bearer ${key}'`,
    '',
    '3. A prompt with "fail" in it fails, and within seconds the credits come back (ask for the ledger twice):',
    '',
    ...create({ model_id: 'gpt-image-2', prompt: 'this one shall fail' }),
    `curl -s '${url}/api/v1/ledger?limit=3' -H 'Authorization: Bearer ${key}'`,
    '',
    '4. A video:',
    '',
    ...create({ model_id: 'seedance-2', prompt: 'waves at dusk', duration: 4 }),
    '',
    `Next: ${url}/docs, ${url}/docs/reference/, and the README. Ctrl-C ends the demo.`,
    '',
  ]
}
