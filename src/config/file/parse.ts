// Reads tollgate.yaml and reports each problem as `file:line:column path: what`.
import { readFileSync } from 'node:fs'

import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'

import { brokenAlias, isBounded, stepInto } from './aliases.ts'
import { ConfigError, type Locate, type Path, pathText } from '../problems.ts'
import { showValue } from '../wording.ts'

export interface SettingsFile {
  /** The path shown in messages. */
  readonly path: string
  readonly value: unknown
  /** The position of a path, or of its longest existing part; `key` points at its key, not its value. */
  locate(path: Path, what?: 'value' | 'key'): string
}

/** Throws ConfigError if the file cannot be read or is not YAML. */
export function readSettingsFile(path: string): SettingsFile {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${errorCode(error)}`])
  }
  return parseSettings(path, source)
}

/** The system's error code, without the path that the message already has. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return code === 'ENOENT' ? 'there is no such file' : code
}

/** Throws ConfigError with every syntax error. */
export function parseSettings(path: string, source: string): SettingsFile {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, merge: true })
  const spot = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const problems = [...document.errors, ...document.warnings].map(
    (error) => `${spot(error.pos[0])} ${syntaxText(error.code, error.message)}`,
  )
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || !ownNames.has(String(key.value))) return
      problems.push(`${spot(startOf(key) ?? 0)} ${String(key.value)}: is a name that JavaScript uses itself`)
    },
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    path,
    value: plainValue(document, path, spot),
    locate(wanted, what = 'value') {
      const offset = offsetOf(document, wanted, what)
      return `${spot(offset)} ${pathText(wanted)}`.trimEnd()
    },
  }
}

/**
 * Property names of every object: a setting with such a name would be lost, or something else found instead.
 */
const ownNames: ReadonlySet<string> = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype'])

/** After a colon the parser quotes what it could not read: possibly a secret, and the position is enough. */
function syntaxText(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'must be one document: take out the line ---'
  if (code === 'DUPLICATE_KEY') return 'this key was given before'
  const words = message.split(': ')[0] ?? message
  return `is not YAML: ${words.charAt(0).toLowerCase()}${words.slice(1)}`
}

function plainValue(document: Document, path: string, spot: (offset: number) => string): unknown {
  try {
    // The parser's own limit counts uses of an anchor, which may be many.
    if (isBounded(document)) return withoutNotes(withoutNulls(document.toJS({ maxAliasCount: -1 }) ?? {}))
  } catch {
    // Aliases without an anchor, or a merge of a value that is not a map. The parser's message would quote
    // the value.
  }
  const offset = brokenAlias(document)
  const place = offset === null ? `${path}:` : spot(offset)
  throw new ConfigError([
    `${place} holds an alias (*name) that cannot be resolved; quote text that starts with *, and merge (<<) only maps`,
  ])
}

/** Top-level keys `x-…` are the operator's own: anchors for repeated values, or notes. */
function withoutNotes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

/** A key with an empty value counts as left out; the key stays, so that an unknown one is still found. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutNulls(inner) ?? undefined]),
  )
}

function offsetOf(document: Document, path: Path, what: 'value' | 'key'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, part] of path.entries()) {
    const step = stepInto(document, node, part)
    if (!step) return offset
    const isLast = depth === path.length - 1
    const wanted = isLast && what === 'value' && isScalar(step.value) ? step.value : (step.key ?? step.value)
    offset = startOf(wanted) ?? startOf(step.key) ?? offset
    node = step.value
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

export type Checked<T> = { value: T; problems: readonly [] } | { value: null; problems: readonly string[] }

/** The checked value of the file or a part of it, or every problem with its position. */
export function checkSettings<T>(
  file: SettingsFile,
  schema: z.ZodType<T>,
  part: { value: unknown; path: Path } = { value: file.value, path: [] },
): Checked<T> {
  const result = schema.safeParse(part.value, { reportInput: true })
  if (result.success) return { value: result.data, problems: [] }
  return {
    value: null,
    problems: result.error.issues.flatMap((issue) => issueProblems(file, part.path, issue)),
  }
}

function issueProblems(file: SettingsFile, base: Path, issue: z.core.$ZodIssue): string[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, index) => `${file.locate([...path, key], 'key')}: ${messages[index]}`)
  }
  if (issue.code === 'invalid_key') return [`${file.locate(path, 'key')}: ${issue.issues[0]?.message}`]
  return [`${file.locate(path)}: ${issueText(issue)}`]
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.input === undefined) return 'is missing'
  const wanted =
    issue.expected === 'array' ? 'a list, in brackets [ ] or with dashes' : 'a section of keys and values'
  return `must be ${wanted}, not ${showValue(issue.input)}`
}

/** Locates problems that are found elsewhere. */
export function locateIn(configFile: string | null): Locate {
  if (configFile === null) return pathText
  const file = readSettingsFile(configFile)
  return (path) => file.locate(path)
}
