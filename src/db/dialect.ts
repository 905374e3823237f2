// A store that is named but not open: operations on it as a whole, the same for every dialect.
import type { Database } from './database.ts'
import type { CommitUnknown } from './errors.ts'
import type { MoveSource, MoveTarget } from './move/end.ts'
import type { Mark } from './move/mark.ts'

export interface Store {
  /** The name for operators: the path of its file. Never shows a password. */
  readonly name: string
  /** Whether gateways on several machines can use it: nothing of it may then lie in the folder of one. */
  readonly isShared: boolean
  /** The nearest existing folder on the disk that the store fills. Null if that is not on this machine. */
  diskFolder(): string | null
  exists(): Promise<boolean>
  /** Creates an empty store if there is none; returns whether it did. */
  make(): Promise<boolean>
  /** Paths that a missing store left behind; empty if there never was one. */
  remains(): Promise<readonly string[]>
  /** Opens it, upgrades an older one, and creates it if missing. Throws StoreRefused, also if it is marked. */
  open(options: OpenOptions): Promise<Database>
  /**
   * Takes exclusive ownership. Throws StoreRefused if another process has it, or serves it. `onLost` is called if
   * another process took it later, which a lost connection may allow: this one must end.
   */
  own(onLost?: (error: Error) => void): Promise<Ownership>
  /**
   * Takes a place among the gateways that serve it; on some dialects there is only one. Throws StoreRefused if
   * there is none, and calls `onLost` as `own` does.
   */
  serve(instance: string, onLost?: (error: Error) => void): Promise<Serving>
  /** Whether a gateway serves it now; the check does not disturb that gateway. */
  isServed(): Promise<boolean>
  /** The error for a second gateway. */
  served(cause: unknown): Error
  /** Checks every page, index, reference and guard. Throws StoreRefused if it cannot be read at all. */
  examine(): Promise<Examination>
  /** What a loss of the machine that holds it takes along. Null: it is a file on this one. */
  durability(): Promise<Durability | null>
  /**
   * Reads it without changing it; each snapshot opens it anew. Throws StoreRefused if it is missing, or of
   * another version unless `anyVersion` says that the work needs only what all versions share.
   */
  lookAt(options?: { readonly anyVersion?: boolean }): Look
  /** The same for many short snapshots, between which no lock on the store is held. Must be closed. */
  keepLookingAt(): KeptLook
  /**
   * Writes the last committed state to a new file, durably, while others read and write. Throws StoreRefused
   * if there is no store, if `target` exists, or if the copy is damaged.
   */
  backUp(target: string): Promise<Copy>
  /**
   * Replaces the store with the copy `source`, after the copy is verified and `prepare` has accepted it and
   * written its changes to it. Throws StoreRefused, and anything `prepare` throws; then the store is
   * unchanged.
   */
  restore<Prepared>(
    source: string,
    prepare: (copy: Database) => Promise<Prepared>,
  ): Promise<Restored<Prepared>>
  /** Removes it permanently. The caller must own it. */
  remove(): Promise<void>
  /** Why it may not be served or opened: it was moved, or is being filled. Null: it may, or there is none. */
  mark(): Promise<Mark | null>
  /** Opens it to be moved to another store. The caller must own it; until it is closed nobody else writes. */
  moveFrom(): Promise<MoveSource>
  /** Opens it to be filled from another store. The caller must own it; until it is marked nobody else writes. */
  moveInto(): Promise<MoveTarget>
}

export interface OpenOptions {
  /** Called once when a commit failed: the process must end and read the store afresh. */
  readonly onFatal: (error: CommitUnknown) => void
  /** Called when the store was one of an older version. */
  readonly onUpgrade?: (upgrade: Upgrade) => void
}

/** What an upgrade did to an existing store. */
export interface Upgrade {
  /** A copy of the store before the upgrade; null where the operator makes one. */
  readonly copy: string | null
  /** The changes, in the order of their application. */
  readonly changes: readonly string[]
}

export interface Ownership {
  release(): Promise<void>
}

export interface Serving extends Ownership {
  /** Null: no other gateway can serve the store meanwhile. */
  readonly beside: Beside | null
}

/** What the server of a store knows of the gateways that serve it. Throws StoreAway while it is away. */
export interface Beside {
  /** Which of these instances are connected. One that has been stopped, or stands still, is. */
  connected(instances: readonly string[]): Promise<ReadonlySet<string>>
  /** By how many milliseconds the clock of the server is ahead of this machine's. */
  clockAheadMs(): Promise<number>
}

/** `none`: no table of tollgate is in it. */
export type SchemaAge = 'none' | 'older' | 'current' | 'newer'

export interface Examination {
  readonly schema: SchemaAge
  /** One message per damage; empty if the store is intact. */
  readonly damage: readonly string[]
}

export interface Durability {
  /** Where a commit is before it is acknowledged, in words. */
  readonly kept: string
  /** What may be lost although it was acknowledged, and what to do; empty if nothing. */
  readonly risks: readonly string[]
}

/** The operations on a store that is only read. */
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
  /** The path of the replaced store; null if there was none. */
  readonly kept: string | null
  readonly bytes: number
  readonly prepared: Prepared
}
