// Interface of the stores for kept files.
import type { Readable } from 'node:stream'
import type { Spooled } from '../spool.ts'

/** Both ends inclusive. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

export interface StoredFile {
  readonly name: string
  readonly bytes: number
}

export interface BlobStore {
  /** Durable and complete when it resolves; until then no part of the file can be read. */
  put(name: string, file: Spooled, signal: AbortSignal): Promise<void>
  /** Null if there is no file with that many bytes. */
  read(file: StoredFile, range: ByteRange, signal: AbortSignal): Promise<Readable | null>
  /** Succeeds also if the file does not exist. */
  remove(name: string): Promise<void>
  /**
   * A URL that opens the file without us for a short while, with this method only, and saves it under
   * `saveAs` if given; null if the store has no such URLs.
   */
  link(name: string, method: 'GET' | 'HEAD', saveAs: string | null): Promise<string | null>
}

const nameLength = 32
const pattern = new RegExp(`^[0-9A-Za-z]{${nameLength}}\\.[0-9a-z]{2,5}$`)

/** 190 bits: the unguessable name is the only access control. */
export const mediaNameLength = nameLength

/** Only names of this form may become part of a path or URL. */
export const isMediaName = (name: string): boolean => pattern.test(name)

/** Suffix of a file that is still being copied into place. */
export const unfinished = '.unfinished'

/** Names that may exist among kept files: complete, or left by a process that died while copying. */
export const isKeptPath = (name: string): boolean =>
  isMediaName(name.endsWith(unfinished) ? name.slice(0, -unfinished.length) : name)

/** As a Content-Disposition; the name is our own, so nothing needs escaping. */
export const attachment = (fileName: string): string => `attachment; filename="${fileName}"`
