// Shares an upstream's submit slots among accounts: one account's hanging orders never take all of them.

/**
 * An account may hold ten times as many slots as it leaves free. Alone it gets about nine of ten; with each
 * further account the share is smaller, and an account that holds none gets a slot as long as one is free.
 */
const heldForEachFree = 10

/** Whether an account that holds `held` slots may take one of the `free` ones. */
export const mayTakeSlot = (held: number, free: number): boolean =>
  free > 0 && (held === 0 || held + 1 <= heldForEachFree * (free - 1))

/** The most slots one account takes if no other wants any. */
export const slotsOfOne = (slots: number): number =>
  Math.max(Math.min(slots, 1), slots - Math.ceil(slots / (heldForEachFree + 1)))

export type Slots = ReturnType<typeof createSlots>

/** In memory: after a restart no slot is held. */
export function createSlots() {
  const held = new Map<string, number>()
  let heldBack = false
  return {
    heldBy: (accountId: string): number => held.get(accountId) ?? 0,
    /** How many accounts hold any. */
    holders: (): number => held.size,
    take(accountId: string): void {
      held.set(accountId, (held.get(accountId) ?? 0) + 1)
    },
    /** Whether an account may now take a slot that was denied before. */
    release(accountId: string): boolean {
      const left = (held.get(accountId) ?? 0) - 1
      if (left > 0) held.set(accountId, left)
      else held.delete(accountId)
      return heldBack
    },
    /** At the last claim slots were left free although orders waited for them. */
    noteHeldBack(isHeldBack: boolean): void {
      heldBack = isHeldBack
    },
  }
}
