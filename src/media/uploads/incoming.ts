// Limits the bytes of incoming pictures on disk at once, in total and per account.
import type { Context } from '../../context.ts'
import { createGate } from './concurrency-limit.ts'
import type { Gate } from './concurrency-limit.ts'

const mebibyte = 1024 * 1024
/** Twelve files of maximum size; per account four, or three creates with pictures. */
const incomingBytesMax = 256 * mebibyte
const incomingOfAccountBytesMax = 96 * mebibyte

const gates = new WeakMap<Context, Gate>()

/** Enter it with the length of a body, or with the maximum length if unknown. */
export function incomingGate(ctx: Context): Gate {
  const gate =
    gates.get(ctx) ?? createGate({ max: incomingBytesMax, ofAccountMax: incomingOfAccountBytesMax })
  gates.set(ctx, gate)
  return gate
}
