// How a command ends: what it prints where, and with which code.
import { ConfigError } from '../config/problems.ts'
import { DatabaseRefused } from '../db/database.ts'
import { GatewayError } from '../errors.ts'

/** 78 is what sysexits calls a configuration error; supervisors do not restart on it. */
export const exitCodes = { done: 0, failed: 1, usage: 2, configuration: 78 } as const

export interface OutputOptions {
  readonly json?: boolean
}

/** Data goes to stdout: as JSON when asked for, else as lines for people. */
export function print(options: OutputOptions, data: unknown, lines: readonly string[]): void {
  process.stdout.write(options.json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''))
}

/** Words go to stderr, so that data can be piped. */
export function say(...lines: string[]): void {
  process.stderr.write(lines.map((line) => `${line}\n`).join(''))
}

/** Tells what went wrong and returns the exit code. */
export function report(error: unknown, json: boolean): number {
  const { code, problems } = meaning(error)
  say(...problems)
  if (json) print({ json }, { ok: false, problems }, [])
  return code
}

function meaning(error: unknown): { code: number; problems: readonly string[] } {
  if (error instanceof ConfigError) return { code: exitCodes.configuration, problems: error.problems }
  if (error instanceof GatewayError || error instanceof DatabaseRefused) {
    return { code: exitCodes.failed, problems: [error.message] }
  }
  if (isAddressInUse(error)) {
    const advice = 'Something else listens there; set PORT to another, as in PORT=8788.'
    return { code: exitCodes.failed, problems: [`${error.message}. ${advice}`] }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: exitCodes.failed, problems: [stack] }
}

function isAddressInUse(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
