// How many bytes of pictures that clients send may lie on disk at once, in all and of one account.
import type { Context } from '../../context.ts'
import { createGate } from './concurrency-limit.ts'
import type { Gate } from './concurrency-limit.ts'

const mebibyte = 1024 * 1024
/** Twelve files of the largest size; four of one account, or three creates with pictures. */
const incomingBytesMax = 256 * mebibyte
const incomingOfAccountBytesMax = 96 * mebibyte

const gates = new WeakMap<Context, Gate>()

/** To be entered with the length of a body, or with the longest there may be where it is not known. */
export function incomingGate(ctx: Context): Gate {
  const gate =
    gates.get(ctx) ?? createGate({ max: incomingBytesMax, ofAccountMax: incomingOfAccountBytesMax })
  gates.set(ctx, gate)
  return gate
}
