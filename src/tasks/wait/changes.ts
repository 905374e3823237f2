// Tells the clients that wait in this process that a task has changed, after the commit.
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
