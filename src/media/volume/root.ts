// The media folder. Checks that it is still the one from the start, not an unmounted volume's mount point.
import { stat } from 'node:fs/promises'
import type { MediaRoot } from '../../context.ts'
import { makeFolders } from './folders.ts'

/** The folder was moved away, removed or replaced (for example, its volume was unmounted) since the start. */
export class RootDisplaced extends Error {
  constructor() {
    super('the folder of kept files is not the one that was there when the gateway started')
    this.name = 'RootDisplaced'
  }
}

interface RootOptions {
  readonly path: string
  /** A folder that holds only uploads in transit can be recreated: nothing is lost with it. */
  readonly holds: 'results' | 'uploads'
}

export function createMediaRoot({ path, holds }: RootOptions): MediaRoot {
  /** Identity of the folder; null until one exists: the first one found is the right one. */
  let first: string | null = null
  const isSame = async (): Promise<boolean> => {
    const found = await identityOf(path)
    if (found !== notThere) first ??= found
    return found === first || found === unknown
  }
  return {
    path,
    isSame,
    async enter() {
      if (first === null || holds === 'uploads') await makeFolders([path])
      const isFirst = first === null
      if ((await isSame()) || (holds === 'uploads' && !isFirst)) return
      throw isFirst ? noFolder() : new RootDisplaced()
    },
    async requireSame() {
      if (!(await isSame())) throw new RootDisplaced()
    },
  }
}

const notThere = 'not there'
/** The system returned another error; the next operation will show why. */
const unknown = null
const notThereCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE'])

/** Device and inode of the folder. */
async function identityOf(path: string): Promise<string | typeof unknown> {
  try {
    const found = await stat(path, { bigint: true })
    return found.isDirectory() ? `${found.dev}:${found.ino}` : notThere
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && notThereCodes.has(String(error.code))
    return isGone ? notThere : unknown
  }
}

const noFolder = () =>
  Object.assign(new Error('there is something else in its place'), { code: 'ENOTDIR', syscall: 'mkdir' })
