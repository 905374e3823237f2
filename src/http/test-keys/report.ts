// What `/readyz` and `/metrics` say of the gateway behind test keys. The gateway in front does not depend on it.
import type { Metrics } from '../../metrics.ts'

export interface TestKeysReport {
  /** `idle`: no valid test key has asked yet. `failed`: it is started anew. */
  readonly state: 'idle' | 'starting' | 'running' | 'failed'
  readonly lastError: { readonly atMs: number; readonly words: string } | null
}

/** Null: they are off. */
export type ReportTestKeys = () => TestKeysReport | null

export function testKeysReport(report: ReportTestKeys) {
  const found = report()
  if (!found) return { state: 'off', last_error: null }
  const { state, lastError } = found
  return { state, last_error: lastError && { at_ms: lastError.atMs, words: lastError.words } }
}

export function addTestKeysGauge(metrics: Metrics, report: ReportTestKeys): void {
  metrics.gauge(
    'test_keys_work',
    'Whether test keys work: 0 while the gateway behind them has failed and is started anew.',
    async (gauge) => gauge.set(report()?.state === 'failed' ? 0 : 1),
  )
}
