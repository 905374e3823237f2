// A store that is named but not open: what can be done with it as a whole, the same for every dialect.
import type { Database } from './database.ts'
import type { CommitUnknown } from './errors.ts'

export interface Store {
  /** As operators know it: the path of its file. Never shows a password. */
  readonly name: string
  /** Whose disk fills as the store grows; the nearest folder that is there. Null where it is not on this machine. */
  diskFolder(): string | null
  exists(): Promise<boolean>
  /** Makes an empty store where there is none, and says whether it did. */
  make(): Promise<boolean>
  /** What a store that is gone has left behind, as paths; nothing where there never was one. */
  remains(): Promise<readonly string[]>
  /** Opens it, brings an older one up to date, and makes it where there is none. Throws StoreRefused. */
  open(options: OpenOptions): Promise<Database>
  /** Takes it for this process alone, as the gateway that serves it. Throws StoreServed where another has it. */
  own(): Promise<Ownership>
  /** Whether a gateway serves it now; asking does not disturb that one. */
  isServed(): Promise<boolean>
  /** What a second gateway is told. */
  served(cause: unknown): Error
  /** Every page, index, reference and guard. Throws StoreRefused where it cannot be read at all. */
  examine(): Promise<Examination>
  /**
   * Reads it without changing it; each snapshot opens it anew. Throws StoreRefused where it is missing, and where it
   * is of another version unless `anyVersion` says that the work needs only what all versions share.
   */
  lookAt(options?: { readonly anyVersion?: boolean }): Look
  /** The same for many short snapshots, between which nothing of the store is held. Close it. */
  keepLookingAt(): KeptLook
  /**
   * Writes the last committed state to a new file, durably, while others read and write.
   * Throws StoreRefused where there is no store, where `target` exists, or where the copy is not whole.
   */
  backUp(target: string): Promise<Copy>
  /**
   * Puts the copy `source` in its place, once it is whole and `prepare` is content with it and has written
   * into it what it has to. Throws StoreRefused, and whatever `prepare` throws; then the store is as it was.
   */
  restore<Prepared>(
    source: string,
    prepare: (copy: Database) => Promise<Prepared>,
  ): Promise<Restored<Prepared>>
  /** Removes it for good. The caller owns it. */
  remove(): Promise<void>
}

export interface OpenOptions {
  /** Called once when a commit failed: the process must end and read the store afresh. */
  readonly onFatal: (error: CommitUnknown) => void
  /** Called when the store was one of an older version. */
  readonly onUpgrade?: (upgrade: Upgrade) => void
}

/** What an upgrade did to a store that was there already. */
export interface Upgrade {
  /** The store as it was before. */
  readonly copy: string
  /** What was changed, in the order in which it was. */
  readonly changes: readonly string[]
}

export interface Ownership {
  release(): Promise<void>
}

/** `none`: no table of tollgate is in it. */
export type SchemaAge = 'none' | 'older' | 'current' | 'newer'

export interface Examination {
  readonly schema: SchemaAge
  /** In words, what is wrong; nothing where all is whole. */
  readonly damage: readonly string[]
}

/** What can be asked of a store that is only read. */
export type Look = Pick<Database, 'snapshot'>

export interface KeptLook extends Look {
  close(): void
}

export interface Copy {
  readonly bytes: number
  /** Reads the copy. */
  readonly look: Look
}

export interface Restored<Prepared> {
  /** Where the store that was there before is kept; null where there was none. */
  readonly kept: string | null
  readonly bytes: number
  readonly prepared: Prepared
}
