// What is served under a name: a file of a result, or an upload.
import type { Connection } from '../db/database.ts'
import type { StoreName } from './stores/blob-stores.ts'
import { mediaByName } from './rows.ts'
import { uploadByName } from './uploads/rows.ts'

export interface ServedFile {
  readonly name: string
  readonly store: StoreName
  readonly contentType: string
  readonly bytes: number
  readonly dueAt: number
  /** What it is saved as: letters, digits, dashes and a dot, whatever system that is on. */
  readonly saveAs: string
}

/** Null where nothing of this name is served. */
export async function servedFile(read: Connection, name: string): Promise<ServedFile | null> {
  const extension = name.slice(name.lastIndexOf('.') + 1)
  const [file] = await mediaByName(read, { name })
  if (file) {
    const stem = file.part === 'result' ? file.taskId : `${file.taskId}-${file.part}`
    return { ...file, saveAs: `${stem}.${extension}` }
  }
  const [upload] = await uploadByName(read, { name })
  return upload ? { ...upload, store: 'disk', saveAs: `upload.${extension}` } : null
}
