// `npm run bench:webhooks`: deliveries per second to one host that answers at once, and how long claims hold the loop.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Sqlite from 'better-sqlite3'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log.ts'
import { createWakeups, startWorker } from '../../src/worker/worker.ts'

/** Due deliveries, and receivers that wait for a later try meanwhile. */
const due = Number(process.env['DUE'] ?? 10_000)
const accounts = Number(process.env['ACCOUNTS'] ?? 1)
const waiting = Number(process.env['WAITING'] ?? 0)
const secondsMax = Number(process.env['SECONDS_MAX'] ?? 60)

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'tollgate-webhooks-'))
let heard = 0
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    heard += 1
    response.end()
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
writeFileSync(
  join(folder, 'tollgate.yaml'),
  'network: { allow_hosts: [127.0.0.1] }\nwebhooks: { timeout: 15s, schedule: [5m] }\n',
)
const config = loadConfig({ cwd: folder, env: { KEEVX_API_KEY: 'bench' } })
const wakeups = createWakeups()
const ctx = {
  ...(await createContext({ config, log: createLog('silent') })),
  wake: (loop: keyof typeof wakeups) => wakeups[loop].wakeAll(),
}
fill()

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const cpuBefore = process.cpuUsage()
const startedAt = performance.now()
const worker = startWorker(ctx, wakeups)
const isDone = () => heard >= due || performance.now() - startedAt >= secondsMax * 1_000
while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 20))
const seconds = (performance.now() - startedAt) / 1_000
delay.disable()
const cpu = process.cpuUsage(cpuBefore)
const cpuMs = (cpu.user + cpu.system) / 1_000 / heard
await worker.stop()
await closeContext(ctx)
server.closeAllConnections()
server.close()
rmSync(folder, { recursive: true, force: true })
console.log(
  `${heard} of ${due} deliveries of ${accounts} accounts beside ${waiting} waiting receivers: ` +
    `${Math.round(heard / seconds)} a second; the loop was held for ${Math.round(delay.max / 1e6)} ms at most, ${cpuMs.toFixed(2)} ms of CPU each, the receiver's included`,
)

/** Straight into the file: their tasks are of no interest here. */
function fill(): void {
  const client = new Sqlite(config.databaseUrl.slice('file:'.length))
  client.pragma('foreign_keys = OFF')
  const account = client.prepare(
    "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES (?, 'bench', 'active', 0, 0, 1)",
  )
  const delivery = client.prepare(
    `INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, state, due_at, claimed,
      attempts_made, retries_made, created_at)
     VALUES (?, ?, ?, 'task.failed', 'request', ?, ?, ?, 'pending', ?, 0, 0, 0, ?)`,
  )
  const nowMs = Date.now()
  const body = JSON.stringify({ type: 'task.failed', data: { error_message: 'x'.repeat(500) } })
  client.transaction(() => {
    for (let at = 0; at < accounts; at += 1) account.run(`acc_${at}`)
    for (let at = 0; at < due + waiting; at += 1) {
      const receiver = at < due ? `127.0.0.1:${port}` : `r${at}.invalid`
      const dueAt = at < due ? nowMs : nowMs + 3_600_000
      const by = `acc_${at % accounts}`
      delivery.run(`msg_${at}`, by, `task_${at}`, `http://${receiver}/hook`, receiver, body, dueAt, nowMs)
    }
  })()
  client.close()
}
