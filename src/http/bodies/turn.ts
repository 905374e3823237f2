// Reads what a client sends a little at a time, and lets everybody else go on in between.
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

/** The client went before its body was whole. */
export class BrokeOff extends SyntaxError {}

/**
 * What comes, in pieces of `bytesMax` at most, one in each turn of the event loop; awaiting resolved promises would
 * give nobody else a turn. Leaving the loop leaves the stream open, so that an answer can still be given. Throws
 * BrokeOff.
 */
export async function* inTurns(source: Readable, bytesMax: number): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += bytesMax) {
        yield chunk.subarray(at, at + bytesMax)
        await setImmediate()
      }
    }
  } catch (error) {
    throw new BrokeOff('the body broke off', { cause: error })
  }
}
