// Files of results in backups: none is missed without a word, none replaced, and what has gone with its row is no loss.
import type { Guard } from '../guard.ts'

const copies = 'test/media/copies.test.ts'
const files = 'src/media/copies/files.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a file whose row is gone too is not missed',
    file: 'src/media/copies/take.ts',
    search: 'for (const name of await keptIn(store, gone)) missing.add(name)',
    replacement: 'for (const name of gone) missing.add(name)',
    tests: [copies],
  },
  {
    name: 'a file that is gone though its row is there is missed',
    file: 'src/media/copies/take.ts',
    search: 'for (const name of await keptIn(store, gone)) missing.add(name)',
    replacement: 'await keptIn(store, gone)',
    tests: [copies],
  },
  {
    name: 'a file that is cut off is not whole',
    file: files,
    search: 'found.isFile() && found.size === bytes',
    replacement: 'found.isFile() && bytes > 0',
    tests: [copies],
  },
  {
    name: 'what lies there whole is not put back over',
    file: 'src/media/copies/put-back.ts',
    search: 'if (await isWhole(to, file)) continue',
    replacement: 'if (!file) continue',
    tests: [copies],
  },
]
