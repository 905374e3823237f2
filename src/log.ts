// Writes one JSON line per event; secrets are removed first.
import { writeSync } from 'node:fs'
import { pino } from 'pino'
import type { DestinationStream, Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/**
 * Fields that could contain a secret by mistake. Only top-level ones: searching every object costs more than
 * the rest of the line, and whole requests are never logged.
 */
const secretNames = ['authorization', 'cookie', 'key', 'token', 'secret', 'password', 'apiKey', 'adminToken']

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Fastify's serializer would treat the id as a whole request and write nothing; whole requests are never
    // logged.
    serializers: { req: (id: unknown) => (typeof id === 'string' ? id : undefined) },
    redact: { paths: [...secretNames, 'headers.authorization', 'headers.cookie'], censor: '[secret]' },
  }
  return pino(options, destination ?? standardOutput())
}

const stdout = 1
/** Total wait for a slow reader; after that, lines are dropped until it reads again. */
const waitsMax = 20
const waitMs = 10

/**
 * A missing or slow reader must neither block the gateway nor keep it from exiting. (pino's own destination
 * retries for ever if a closed pipe refuses data.)
 */
function standardOutput(): DestinationStream {
  let begun: Buffer = Buffer.alloc(0)
  let dropped = 0
  let waits = 0
  /** Returns the part that could not be written. */
  const write = (bytes: Buffer): Buffer => {
    let rest = bytes
    while (rest.length > 0) {
      try {
        rest = rest.subarray(writeSync(stdout, rest))
        waits = 0
      } catch (error) {
        const isBusy = (error as NodeJS.ErrnoException).code === 'EAGAIN'
        if (!isBusy || waits >= waitsMax) break
        waits += 1
        Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, waitMs)
      }
    }
    return rest
  }
  return {
    write(line) {
      const lost = `{"level":"warn","dropped":${dropped},"msg":"nobody took these lines of the log"}\n`
      begun = write(begun)
      const whole = Buffer.from(dropped > 0 ? lost + line : line)
      const rest = begun.length > 0 ? whole : write(whole)
      if (rest.length === whole.length) dropped += 1
      else [begun, dropped] = [rest, 0]
    },
  }
}
