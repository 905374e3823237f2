// Reads a stream in small pieces and lets other requests run in between.
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

/** The client disconnected before its body was complete. */
export class BrokeOff extends SyntaxError {}

/**
 * Yields pieces of at most `bytesMax`, one per event loop turn (`setImmediate`; awaiting resolved promises
 * would not let other work run). Breaking out of the loop does not destroy the stream, so an answer can still
 * be sent. Throws BrokeOff.
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
