// What a disk would hold if the power failed: rebuilt from every write and sync that the process really made.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Chance } from '../../../sandbox/draw/chance.ts'

/** What a process did to its files, in order. */
export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Buffer; readonly offset: number }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'sync'; readonly path: string }

/** Longer than any page of the store: what strace cuts off could not be written again. */
const stringMax = 1_000_000

/** The command line that starts a program and writes down its steps, a file for each of its threads. */
export function recording(prefix: string): string[] {
  const calls = 'pwrite64,write,pwritev,writev,ftruncate,fsync,fdatasync'
  const form = ['-y', '-ttt', '-xx', '-s', String(stringMax)]
  return ['strace', '-ff', '--seccomp-bpf', '-qq', ...form, '-o', prefix, '-e', `trace=${calls}`]
}

/** The steps that concern the store, of all threads: only one writes at a time, so when each began is their order. */
export function stepsOf(prefix: string, store: string): Step[] {
  const folder = dirname(prefix)
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(prefix)}.`))
    .flatMap((name) => stepsIn(readFileSync(join(folder, name), 'latin1'), store))
    .toSorted((a, b) => a.at - b.at)
    .map(({ step }) => step)
}

interface Timed {
  /** Seconds since 1970. */
  readonly at: number
  readonly step: Step
}

const call = /^(\d+\.\d+) (\w+)\(\d+<((?:\\x..)*)>(?:, (.*))?\) += (\d+)$/

function stepsIn(text: string, store: string): Timed[] {
  return text.split('\n').flatMap((line): Timed[] => {
    const [, time = '', name = '', hexPath = '', rest = '', returned = ''] = call.exec(line) ?? []
    const path = unhex(hexPath).toString()
    if (path !== store && path !== `${store}-wal`) return []
    const at = Number(time)
    switch (name) {
      case 'fsync':
      case 'fdatasync':
        return [{ at, step: { kind: 'sync', path } }]
      case 'ftruncate':
        return [{ at, step: { kind: 'truncate', path, length: Number(rest) } }]
      case 'pwrite64': {
        const [, hexBytes = '', offset = ''] = /^"((?:\\x..)*)", \d+, (\d+)$/.exec(rest) ?? []
        const bytes = unhex(hexBytes).subarray(0, Number(returned))
        return [{ at, step: { kind: 'write', path, bytes, offset: Number(offset) } }]
      }
      default:
        throw new Error(`the store was written in a way that is not understood: ${line.slice(0, 100)}`)
    }
  })
}

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}

/** Disks write in sectors: one is there whole or not at all. */
const sectorBytes = 512

/**
 * The files of the store as they are on the disk after these steps, from how they were before: all that was
 * synced, and of the rest whatever chance lets arrive, in any order and torn; without chance, nothing of it.
 */
export function onDisk(
  before: ReadonlyMap<string, Buffer>,
  steps: readonly Step[],
  chance: Chance | null,
): Map<string, Buffer> {
  const paths = [...new Set([...before.keys(), ...steps.map(({ path }) => path)])]
  return new Map(paths.map((path) => [path, fileOnDisk(before.get(path), path, steps, chance)]))
}

function fileOnDisk(
  before: Buffer | undefined,
  path: string,
  steps: readonly Step[],
  chance: Chance | null,
): Buffer {
  const own = steps.filter((step) => step.path === path)
  const synced = own.findLastIndex(({ kind }) => kind === 'sync') + 1
  const late = chance ? own.slice(synced).filter(() => chance.share() < 1 / 2) : []
  const arrived = [...own.slice(0, synced), ...late.map((step) => (chance ? torn(step, chance) : step))]
  return contentAfter(before ?? Buffer.alloc(0), arrived)
}

function torn(step: Step, chance: Chance): Step {
  if (step.kind !== 'write' || chance.share() < 1 / 2) return step
  const sectors = Math.floor(chance.between(0, step.bytes.length / sectorBytes))
  return { ...step, bytes: step.bytes.subarray(0, sectors * sectorBytes) }
}

function contentAfter(before: Buffer, steps: readonly Step[]): Buffer {
  const ends = steps.map((step) => (step.kind === 'write' ? step.offset + step.bytes.length : 0))
  const content = Buffer.alloc(Math.max(before.length, ...ends))
  before.copy(content)
  let length = before.length
  for (const step of steps) {
    if (step.kind === 'write') {
      step.bytes.copy(content, step.offset)
      length = Math.max(length, step.offset + step.bytes.length)
    } else if (step.kind === 'truncate') {
      content.fill(0, step.length)
      length = step.length
    }
  }
  return content.subarray(0, length)
}

/** The files of a store that is not open. */
export function filesOf(store: string): Map<string, Buffer> {
  const there = [store, `${store}-wal`].filter((path) => existsSync(path))
  return new Map(there.map((path) => [path, readFileSync(path)]))
}

/** Puts the files into another folder, under their names. */
export function layDown(files: ReadonlyMap<string, Buffer>, folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [path, bytes] of files) writeFileSync(join(folder, basename(path)), bytes)
}
