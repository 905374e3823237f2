// Who holds the submit slots of an upstream, and who may take another: orders that hang never take them all.

/**
 * An account may hold ten times as many slots as it leaves free. Alone it has nine of ten of them; with every
 * account that comes each has less, and one that holds none finds a slot for as long as there is any.
 */
const heldForEachFree = 10

/** Whether an account that holds so many may take one more of those that are free. */
export const mayTakeSlot = (held: number, free: number): boolean =>
  free > 0 && (held === 0 || held + 1 <= heldForEachFree * (free - 1))

/** The most that one account takes of so many slots, if no other wants any. */
export const slotsOfOne = (slots: number): number =>
  Math.max(Math.min(slots, 1), slots - Math.ceil(slots / (heldForEachFree + 1)))

export type Slots = ReturnType<typeof createSlots>

/** Of this process: after a restart none is held. */
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
    /** Whether somebody may take a slot now who was not allowed to before. */
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
