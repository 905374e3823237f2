// `tollgate doctor`: checks the setup and says how to fix what is wrong.
import { existsSync } from 'node:fs'
import { plansGone } from '../../accounts/plans-in-use.ts'
import { testFolderOf } from '../../app/test-keys/settings.ts'
import { createUpstreams, modeOf } from '../../app/upstreams.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { createLiveCatalog } from '../../catalog/live.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import type { Config } from '../../config/config.ts'
import { configuredUpstreams } from '../../context.ts'
import type { Upstream } from '../../context.ts'
import { newerStore } from '../../db/errors.ts'
import type { Examination, Store } from '../../db/dialect.ts'
import { markedWords } from '../../db/move/mark.ts'
import type { Mark } from '../../db/move/mark.ts'
import { storeAt } from '../../db/store-at.ts'
import { unreachableTasks } from '../../tasks/unreachable/find.ts'
import { modelsGone } from '../../tasks/unreachable/models-gone.ts'
import { wordsFor } from '../../tasks/unreachable/refuse.ts'
import { askKeys } from '../../upstream/keys/ask-keys.ts'
import { examineSecrets } from '../../webhooks/signing/secrets.ts'
import { createResultStore } from '../../media/health/result-store.ts'
import { storeForNew } from '../../media/stores/blob-stores.ts'
import { mediaRootOf } from '../../media/root.ts'
import { createGuard } from '../../net/guard.ts'
import { createTrustedHttp } from '../../net/trusted-http.ts'
import { createLog } from '../../log.ts'
import { systemClock } from '../../clock.ts'
import { exitCodes, print } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { askOutside } from '../outside.ts'
import { settingsOfStore } from '../settings.ts'
import { setupFindings } from '../../setup/findings.ts'
import type { Finding } from '../../setup/findings.ts'
import { auditStore } from '../with-store.ts'

/** Throws ConfigError if the configuration cannot be read; otherwise reports every finding. */
export async function doctor(options: OutputOptions): Promise<void> {
  const config = settingsOfStore()
  const catalog = createLiveCatalog(config, modeOf(config)).current
  const upstreams = createUpstreams(config)
  const findings = [
    { check: 'configuration', state: 'ok', words: config.configFile ?? 'defaults and environment' } as const,
    ...setupFindings(config, catalog),
    ...(await resultStore(config)),
    ...(await uploads(config)),
    ...(await storeAndLedger(config, catalog)),
    ...(await testKeys(config)),
    ...(await Promise.all(configuredUpstreams(upstreams).map(upstreamKeys))).flat(),
  ]
  for (const { adapter } of configuredUpstreams(upstreams)) await adapter.close()
  const ok = findings.every(({ state }) => state !== 'wrong')
  print(
    options,
    { ok, findings },
    findings.map(({ check, state, words }) => `${state.padEnd(8)} ${check}: ${words}`),
  )
  if (!ok) process.exitCode = exitCodes.failed
}

/** Does what a result needs: puts a file, reads it back and removes it. */
async function resultStore(config: Config): Promise<Finding[]> {
  const check = 'results'
  const store = storeForNew({ config })
  if (!store) return []
  if (!existsSync(config.dataDir)) {
    return [{ check, state: 'warning', words: `there is no ${config.dataDir} yet; serve makes it` }]
  }
  const trustedHttp = createTrustedHttp()
  try {
    const outside = {
      config,
      trustedHttp,
      clock: systemClock,
      log: createLog('silent'),
      mediaRoot: mediaRootOf(config),
    }
    const results = createResultStore({ outside, onChange: () => undefined })
    await results.check()
    const { lastSuccessAtMs, lastError } = results.report()
    if (lastSuccessAtMs === null)
      return [{ check, state: 'wrong', words: `${lastError?.words}. ${passedOn}` }]
    if (lastError)
      return [{ check, state: 'wrong', words: `a file is kept, but not removed: ${lastError.words}` }]
    return [{ check, state: 'ok', words: 'a file was put, read back and removed' }]
  } finally {
    await trustedHttp.close()
  }
}

const passedOn =
  'Until that is mended results are passed on with the URLs of the upstream; no credits are lost.'

/** Keevx's view cannot be tested from here, and many networks block a machine from its own public address. */
async function uploads(config: Config): Promise<Finding[]> {
  const guard = createGuard({ allowHosts: config.network.allowHosts })
  try {
    const outside = await askOutside(config, guard)
    if (!outside) return []
    return [{ check: 'uploads', state: outside.isReached ? 'ok' : 'warning', words: outside.words }]
  } finally {
    await guard.close()
  }
}

/** Read-only: creates no store if there is none, because the path may simply be wrong. */
async function storeAndLedger(config: Config, catalog: Catalog): Promise<Finding[]> {
  const store = storeAt(config.databaseUrl)
  if (!(await store.exists())) {
    return [{ check: 'store', state: 'warning', words: `there is none yet at ${store.name}; serve makes it` }]
  }
  const found = await examine('store', async () => [
    ...markFindings(store.name, await store.mark()),
    ...storeFindings(store.name, await store.examine()),
  ])
  if (found.some(({ state }) => state !== 'ok')) return found
  return [
    ...found,
    ...(await examine('durability', () => durability(store))),
    ...(await examine('ledger', () => ledger(config))),
    ...(await examine('webhook secrets', () => webhookSecrets(config, store))),
    ...(await examine('open tasks', () => openTasks(config, store))),
    ...(await examine('plans', () => plans(config, store))),
    ...(await examine('models', () => models(catalog, store))),
  ]
}

/** A check that throws is a finding too. */
async function examine(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look()
  } catch (error) {
    return [{ check, state: 'wrong', words: wordsOf(error) }]
  }
}

/** Whole or not: it was moved, or another one is being moved into it. */
function markFindings(name: string, mark: Mark | null): Finding[] {
  return mark ? [{ check: 'move', state: 'wrong', words: markedWords(name, mark) }] : []
}

function storeFindings(name: string, { schema, damage }: Examination): Finding[] {
  const check = 'store'
  if (damage.length > 0) {
    return [{ check, state: 'wrong', words: `${name}: ${damage.join('; ')}. ${restoreAdvice}` }]
  }
  if (schema === 'older') {
    const words = `${name} is of an older tollgate; serve brings it up to date, and keeps a copy from before`
    return [{ check, state: 'warning', words }]
  }
  if (schema === 'newer') return [{ check, state: 'wrong', words: newerStore(name) }]
  if (schema === 'none') {
    return [{ check, state: 'wrong', words: `${name} holds none of the tables of tollgate` }]
  }
  return [{ check, state: 'ok', words: `${name}: every page, index, reference and guard is whole` }]
}

const restoreAdvice = 'Stop the gateway and put a backup in its place with tollgate restore.'

async function durability(store: Store): Promise<Finding[]> {
  const check = 'durability'
  const found = await store.durability()
  if (!found) return []
  const { kept, risks } = found
  if (risks.length > 0) return risks.map((words) => ({ check, state: 'warning', words }))
  return [{ check, state: 'ok', words: `what is acknowledged is ${kept}` }]
}

async function ledger(config: Config): Promise<Finding[]> {
  const check = 'ledger'
  const { ok, accounts, entries, drift } = await auditStore(config)
  if (ok) return [{ check, state: 'ok', words: `${entries} entries of ${accounts} accounts add up` }]
  return [{ check, state: 'wrong', words: `${drift.length} broken promises; see tollgate ledger verify` }]
}

async function webhookSecrets(config: Config, store: Store): Promise<Finding[]> {
  const accounts = await store.lookAt().snapshot((read) => examineSecrets(read, config))
  const key = config.sealingKey === null ? 'sealing.key' : 'SEALING_KEY'
  const words = accounts === 0 ? 'none yet' : `those of ${accounts} accounts open with ${key}`
  return [{ check: 'webhook secrets', state: 'ok', words }]
}

async function openTasks(config: Config, store: Store): Promise<Finding[]> {
  const check = 'open tasks'
  const found = await store.lookAt().snapshot((read) => unreachableTasks(read, config))
  if (found.length > 0) return found.map((each) => ({ check, state: 'wrong', words: wordsFor(each) }))
  return [{ check, state: 'ok', words: 'their upstreams and keys are configured' }]
}

async function plans(config: Config, store: Store): Promise<Finding[]> {
  const gone = await store.lookAt().snapshot((read) => plansGone(read, config))
  return gone.map((words) => ({ check: 'plans', state: 'wrong', words }))
}

async function models(catalog: Catalog, store: Store): Promise<Finding[]> {
  const words = await store.lookAt().snapshot((read) => modelsGone(read, catalog))
  return words === null ? [] : [{ check: 'models', state: 'warning', words }]
}

/** A warning at most: nothing in this store is worth money. */
async function testKeys(config: Config): Promise<Finding[]> {
  const check = 'test keys'
  if (config.testKeys === null) return [{ check, state: 'ok', words: 'off' }]
  const store = storeAt(embeddedStoreIn(testFolderOf(config)))
  if (!(await store.exists())) return []
  const damage = await store.examine().then(
    (found) => found.damage,
    (error: unknown) => [wordsOf(error)],
  )
  if (damage.length === 0) return [{ check, state: 'ok', words: `${store.name} is whole` }]
  const words = `${store.name} is damaged: ${damage.join('; ')}. No real data is in it. A gateway that serves makes it anew when it meets the damage; stopped, take that folder away.`
  return [{ check, state: 'warning', words }]
}

const states = {
  accepted: 'ok',
  rejected: 'wrong',
  rate_limited: 'warning',
  foreign: 'wrong',
  unclear: 'wrong',
} as const

async function upstreamKeys(upstream: Upstream): Promise<Finding[]> {
  const { name, settings } = upstream
  if (settings.keys.length === 0) {
    return [{ check: name, state: 'warning', words: 'no key; only serve --sandbox will start' }]
  }
  const answers = await askKeys(upstream, new AbortController().signal)
  return answers.map(({ number, verdict, words }) => ({
    check: `${name} key ${number}`,
    state: states[verdict],
    words,
  }))
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
