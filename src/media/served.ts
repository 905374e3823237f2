// Looks up the file served under a name: a result or an upload.
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
  /** Download file name: letters, digits, dashes and a dot, valid on every system. */
  readonly saveAs: string
}

/** Null if there is no such file. */
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
