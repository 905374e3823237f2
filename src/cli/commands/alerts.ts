// `tollgate alerts …`: tests who is told when something is wrong, and lists what was.
import { listAlerts } from '../../alerts/list.ts'
import { tryReceivers } from '../../alerts/trial.ts'
import { systemClock } from '../../clock.ts'
import { firstRows } from '../../db/page.ts'
import { viewAlert } from '../../http/admin/alerts.ts'
import { createLog } from '../../log.ts'
import { createGuard } from '../../net/guard.ts'
import { exitCodes, print } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { settingsOfStore } from '../settings.ts'
import { withStore } from '../with-store.ts'

/** Needs no store, and no gateway that serves. */
export async function tryAll(options: OutputOptions & { readonly receiver?: string }): Promise<void> {
  const config = settingsOfStore()
  const guard = createGuard(config.network)
  try {
    const outside = { config, guard, log: createLog('silent'), clock: systemClock }
    const results = await tryReceivers(outside, options.receiver ?? null, new AbortController().signal)
    const ok = results.every(({ isTaken }) => isTaken)
    const shown = results.map(({ isTaken, ...rest }) => ({ ...rest, ok: isTaken }))
    const rows = shown.map((one) => [one.receiver, one.type, one.ok ? 'sent' : 'failed', one.error])
    print(options, { ok, results: shown }, table(['receiver', 'type', 'outcome', 'why'], rows))
    if (!ok) process.exitCode = exitCodes.failed
  } finally {
    await guard.close()
  }
}

export async function list(options: OutputOptions & { readonly limit: number }): Promise<void> {
  const alerts = await withStore(async ({ db }) => {
    const found = await firstRows(options.limit, async (before, limit) => {
      const rows = await listAlerts(db.read, { before, limit, language: 'en' })
      return { rows: rows.slice(0, limit), next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null }
    })
    return found.map(viewAlert)
  })
  const rows = alerts.map((alert) => [
    alert.rule,
    alert.subject,
    time(alert.fired_at),
    alert.recovered_at === null ? 'firing' : time(alert.recovered_at),
    alert.text,
  ])
  print(options, { alerts }, table(['rule', 'subject', 'since', 'until', 'what'], rows))
}
