// One JSON line for each thing that happened; what could open a door is cut out before it is written.
import { pino } from 'pino'
import type { DestinationStream, Logger as PinoLogger } from 'pino'

export type Logger = PinoLogger

/**
 * Names under which a secret could be handed to the log by mistake. Only at the top: looking through every
 * object for them costs more than the rest of the line, and whole requests are never logged.
 */
const secretNames = ['authorization', 'cookie', 'key', 'token', 'secret', 'password', 'apiKey', 'adminToken']

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // Fastify would take the id for a whole request, and write nothing of it; a whole request has no place here.
    serializers: { req: (id: unknown) => (typeof id === 'string' ? id : undefined) },
    redact: { paths: [...secretNames, 'headers.authorization', 'headers.cookie'], censor: '[secret]' },
  }
  return destination ? pino(options, destination) : pino(options)
}
