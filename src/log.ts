// Writes one JSON line per event, without secrets, and never waits for a slow reader but at the very end.
import { writeSync } from 'node:fs'
import { pino, symbols } from 'pino'
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
/** Lines that wait for a slow reader; later ones are dropped until it reads again. */
const waitingBytesMax = 1024 * 1024
const retryMs = 10
/** How long a fatal line, or the end of the process, waits for a slow reader in total. */
const blocksMaxMs = 200
const fatalLevel = pino.levels.values['fatal'] ?? Infinity

/**
 * One for the process. (pino's own destination blocks for every line, and retries for ever if a closed pipe
 * refuses data.)
 */
const standardOutput = (): DestinationStream => (opened ??= open())

let opened: DestinationStream | undefined

function open(): DestinationStream {
  // Opening the stream makes a pipe non-blocking: a write to a full one would block the whole process.
  void process.stdout
  const output = createOutput((bytes) => writeSync(stdout, bytes))
  process.once('exit', () => output.finish())
  return output
}

export interface Output extends DestinationStream {
  /** Set by pino before each line. */
  lastLevel: number
  /** Writes the lines that wait, and blocks for a moment if the reader is slow. */
  finish(): void
}

/**
 * The lines of one turn of the event loop are written together. A slow reader blocks nothing: lines wait in
 * bounded memory, then are dropped and counted. Only a fatal line and `finish` wait for it, since nothing can be
 * written later. `put` writes some of the bytes and returns how many, or throws EAGAIN while the reader is slow.
 */
export function createOutput(put: (bytes: Buffer) => number): Output {
  let turn: Lines = noLines()
  const waiting: { bytes: Buffer; readonly lines: number }[] = []
  let waitingBytes = 0
  let dropped = 0
  let isScheduled = false

  /** Returns false if the reader is slow. What can never be written is dropped. */
  const flush = (): boolean => {
    if (turn.count > 0) {
      const bytes = Buffer.from(turn.text)
      waiting.push({ bytes, lines: turn.count })
      waitingBytes += bytes.length
      turn = noLines()
    }
    for (let [first] = waiting; first; [first] = waiting) {
      let written = first.bytes.length
      try {
        written = put(first.bytes)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false
        dropped += first.lines
      }
      waitingBytes -= written
      if (written === first.bytes.length) waiting.shift()
      else first.bytes = first.bytes.subarray(written)
    }
    return true
  }
  const tryToFlush = (): void => {
    isScheduled = !flush()
    if (isScheduled) setTimeout(tryToFlush, retryMs).unref()
  }
  const add = (line: string): void => {
    turn.text += line
    turn.count += 1
    if (isScheduled) return
    isScheduled = true
    setImmediate(tryToFlush)
  }
  const addDropped = (): void => {
    if (dropped === 0 || waiting.length > 0) return
    const count = dropped
    dropped = 0
    add(`{"level":"warn","dropped":${count},"msg":"lines of the log were dropped: nothing read them"}\n`)
  }
  const finish = (): void => {
    addDropped()
    for (let waitedMs = 0; !flush() && waitedMs < blocksMaxMs; waitedMs += retryMs) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, retryMs)
    }
  }
  const output: Output = {
    lastLevel: 0,
    write(line) {
      const isFatal = output.lastLevel >= fatalLevel
      if (!isFatal && waitingBytes + turn.text.length >= waitingBytesMax) {
        dropped += 1
        return
      }
      addDropped()
      add(line)
      if (isFatal) finish()
    },
    finish,
  }
  // With this mark pino sets `lastLevel`.
  return Object.assign(output, { [symbols.needsMetadataGsym]: true })
}

interface Lines {
  text: string
  count: number
}

const noLines = (): Lines => ({ text: '', count: 0 })
