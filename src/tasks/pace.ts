// Spreads what would otherwise happen all at once.

/** A tenth either way keeps tasks that began together from being asked after together for ever. */
const spreadShare = 0.1

export function spread(ms: number): number {
  return Math.round(ms * (1 - spreadShare + 2 * spreadShare * Math.random()))
}
