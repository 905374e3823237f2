// Tells the clients that wait in this process that a task has changed, after the commit.
import type { Changes } from '../../context.ts'

export function createChanges(): Changes {
  const listeners: ((requestId: string) => void)[] = []
  return {
    tell(requestId) {
      for (const listener of listeners) listener(requestId)
    },
    listen(listener) {
      listeners.push(listener)
    },
  }
}
