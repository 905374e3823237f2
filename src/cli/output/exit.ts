// Output and exit codes of commands.
import { printable } from '../../characters.ts'
import { ConfigError } from '../../config/problems.ts'
import { StoreRefused } from '../../db/errors.ts'
import { isOfStore } from '../../db/errors.ts'
import { GatewayError } from '../../errors.ts'
import { systemWords } from './system-words.ts'

/** 78 is what sysexits calls a configuration error; supervisors do not restart on it. */
export const exitCodes = { done: 0, failed: 1, usage: 2, configuration: 78 } as const

export interface OutputOptions {
  readonly json?: boolean
}

/**
 * Data goes to stdout: JSON with --json, otherwise lines of text. Control characters are escaped in both:
 * names, notes and upstream messages are untrusted, and older rows were not validated.
 */
export function print(options: OutputOptions, data: unknown, lines: readonly string[]): void {
  const texts = options.json ? [JSON.stringify(data)] : lines
  process.stdout.write(texts.map((text) => `${printable(text)}\n`).join(''))
}

/** Words go to stderr, so that data can be piped. */
export function say(...lines: string[]): void {
  process.stderr.write(lines.map((line) => `${printableLines(line)}\n`).join(''))
}

/** Keeps line breaks: for help texts, and stacks of unexpected errors. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** The text of a usage error: keeps its line breaks, but escapes those in the arguments. */
export function refusalText(text: string, args: readonly string[]): string {
  const values = args.flatMap((arg) => [arg, arg.slice(arg.indexOf('=') + 1)])
  const broken = values.filter((value) => value.includes('\n'))
  return printableLines(broken.reduce((told, value) => told.replaceAll(value, () => printable(value)), text))
}

/** Prints the error and returns the exit code. */
export function report(error: unknown, options: OutputOptions): number {
  const { code, problems } = meaning(error)
  say(...problems)
  printProblems(options, problems)
  return code
}

/** With --json, failures can be parsed too. */
export function printProblems({ json }: OutputOptions, problems: readonly string[]): void {
  if (json) print({ json }, { ok: false, problems }, [])
}

function meaning(error: unknown): { code: number; problems: readonly string[] } {
  if (error instanceof ConfigError) return { code: exitCodes.configuration, problems: error.problems }
  const known = error instanceof Error ? wordsOf(error) : null
  // Known messages may quote text with line breaks, which are escaped; the line breaks of a stack are kept.
  if (known !== null) return { code: exitCodes.failed, problems: [printable(known)] }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: exitCodes.failed, problems: [words] }
}

function wordsOf(error: Error): string | null {
  if (error instanceof GatewayError || error instanceof StoreRefused) return error.message
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE') {
    return `${error.message}. Something else listens there; set PORT to another, as in PORT=8788.`
  }
  const syscall = 'syscall' in error ? String(error.syscall) : ''
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    return `${error.message}. HOST must be an address of this machine, and PORT one that this user may take.`
  }
  if (isOfStore(error)) {
    return `The store failed: ${error.message} (${code}). tollgate doctor looks for the cause.`
  }
  return systemWords(error)
}
