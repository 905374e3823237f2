// What the system says of a file: words for an operator, and no stack.
import type { Guard } from '../guard.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an error of the system is one line with its path',
    file: 'src/cli/output/system-words.ts',
    search: 'if (!isOfSystem(error)) return null',
    replacement: 'if (error.message) return null',
    tests: ['test/system-words.test.ts'],
  },
]
