// `tollgate audit` and `tollgate operators token`: what operators did, and a token for one.
import { hash } from 'node:crypto'
import { viewAct } from '../../http/views.ts'
import { randomText } from '../../ids.ts'
import { listActs } from '../../operators/audit.ts'
import { print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table, time } from '../output/table.ts'
import { withStore } from '../with-store.ts'

interface AuditOptions extends OutputOptions {
  readonly actor?: string
  readonly target?: string
  readonly limit: number
}

export async function audit(options: AuditOptions): Promise<void> {
  const { actor = null, target = null, limit } = options
  const rows = await withStore(
    async ({ db }) => await listActs(db.read, { actor, target, before: null, limit }),
  )
  const acts = rows.slice(0, limit).map(viewAct)
  const lines = table(
    ['number', 'when', 'who', 'from', 'did', 'to', 'before', 'after'],
    acts.map((act) => [
      act.id,
      time(act.created_at),
      act.actor,
      act.origin,
      act.action,
      act.target,
      act.before && JSON.stringify(act.before),
      act.after && JSON.stringify(act.after),
    ]),
  )
  print(options, { acts }, lines)
}

/** 40 letters and digits of base 62 hold 238 bits. */
const tokenLength = 40

export function token(options: OutputOptions): void {
  const made = `op-${randomText(tokenLength)}`
  const tokenHash = hash('sha256', made, 'hex')
  if (!options.json) {
    say(`This token is shown this once. In tollgate.yaml, for whoever gets it:
operators:
  NAME: { token_hash: ${tokenHash}, role: viewer }    # or support, or owner; then restart the gateway`)
  }
  print(options, { token: made, token_hash: tokenHash }, [made])
}
