// One JSON line for each thing that happened; what could open a door is cut out before it is written.
import { pino } from 'pino'
import type { DestinationStream, Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/**
 * Names under which a secret could be handed to the log by mistake. Only at the top: looking through every
 * object for them costs more than the rest of the line, and whole requests are never logged.
 */
const secretNames = ['authorization', 'cookie', 'key', 'token', 'secret', 'password', 'apiKey', 'adminToken']

/** A write for each line would cost a create more than its charge does; a line waits a second at most. */
const lines = { dest: 1, minLength: 12 * 1024, sync: false, periodicFlush: 1_000 }

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: [...secretNames, 'headers.authorization', 'headers.cookie'], censor: '[secret]' },
  }
  return pino(options, destination ?? pino.destination(lines))
}
