// Interface of the stores for kept files.
import type { Readable } from 'node:stream'
import type { Spooled } from '../spool.ts'

/** Both ends inclusive. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

export interface BlobStore {
  /** Durable and complete when it resolves; until then no part of the file can be read. */
  put(name: string, file: Spooled, signal: AbortSignal): Promise<void>
  /** Null where there is no such file, or none of that many bytes. */
  read(name: string, bytes: number, range: ByteRange, signal: AbortSignal): Promise<Readable | null>
  /** As good as done where it is not there. */
  remove(name: string): Promise<void>
  /**
   * A URL that opens it for a short while without us, by this method alone, and saves it under a name where one is
   * given; null where there can be none.
   */
  link(name: string, method: 'GET' | 'HEAD', saveAs: string | null): Promise<string | null>
}

const nameLength = 32
const pattern = new RegExp(`^[0-9A-Za-z]{${nameLength}}\\.[0-9a-z]{2,5}$`)

/** 190 bits: the name is all that keeps a stranger out. */
export const mediaNameLength = nameLength

/** Nothing else ever becomes part of a path or of a URL. */
export const isMediaName = (name: string): boolean => pattern.test(name)

/** Behind the name of a file that is copied into its place. */
export const unfinished = '.unfinished'

/** What may lie where files are kept: whole, or left by a process that died while it copied. */
export const isKeptPath = (name: string): boolean =>
  isMediaName(name.endsWith(unfinished) ? name.slice(0, -unfinished.length) : name)

/** As a Content-Disposition; the name is one of ours, so there is nothing to escape. */
export const attachment = (fileName: string): string => `attachment; filename="${fileName}"`
