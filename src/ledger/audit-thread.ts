// A thread that audits one store once and says what it found: the questions run for long and would hold up everybody else.
import { parentPort, workerData } from 'node:worker_threads'
import { lookAt } from '../db/look.ts'
import type { AuditOrder } from './audit.ts'
import { verifyLedger } from './verify.ts'

const { file, nowMs, late } = workerData as AuditOrder
parentPort?.postMessage(await verifyLedger(lookAt(file), nowMs, late))
