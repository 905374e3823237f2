// What a task was ordered with, where the answer says it.

interface WithInput {
  readonly input?: { readonly prompt?: string | null } | null
}

/** Null: it is not said, or was removed. */
export const promptOf = (task: object): string | null => (task as WithInput).input?.prompt ?? null
