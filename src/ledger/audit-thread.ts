// The worker thread of one audit, slice by slice: in the main thread its queries would block all requests.
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { storeAt } from '../db/store-at.ts'
import type { AuditOrder, AuditWord } from './audit.ts'
import { verifyInSlices } from './verify.ts'

/** Rest per slice, as a multiple of its time: the audit uses a quarter of a core and of the disk. */
const restTimes = 3

const { databaseUrl, nowMs, late } = workerData as AuditOrder
const say = (word: AuditWord): void => parentPort?.postMessage(word)
const look = storeAt(databaseUrl).keepLookingAt()
let began = performance.now()
const verification = await verifyInSlices(look, {
  nowMs,
  late,
  async rest() {
    say({ kind: 'slice' })
    await pause((performance.now() - began) * restTimes)
    began = performance.now()
  },
})
look.close()
say({ kind: 'end', verification })
