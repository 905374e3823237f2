// Carries the word that tasks have changed from where it was committed to whoever waits for it.
import type { Changes } from '../../context.ts'

export function createChanges(): Changes {
  const ears: ((requestId: string) => void)[] = []
  return {
    tell(requestId) {
      for (const ear of ears) ear(requestId)
    },
    listen(ear) {
      ears.push(ear)
    },
  }
}
