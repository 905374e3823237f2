// Detects stuck loops of the worker, by seconds in which this process ran, not by the clock.
import type { Clock } from '../clock.ts'
import type { LoopName } from '../context.ts'

const beatMs = 1_000
/** The longest wait of any loop is a second. */
const stuckBeats = 30

export interface Turns {
  turn(loop: LoopName): void
  /** Loops without a turn for `stuckBeats`. */
  stuck(): LoopName[]
}

/**
 * A busy machine, a stopped process and a changed clock delay the beats just like the loops: only a loop that
 * makes no turn while the process runs is stuck.
 */
export function startTurns(clock: Clock, loops: readonly LoopName[], signal: AbortSignal): Turns {
  let beats = 0
  const turns = new Map(loops.map((loop) => [loop, 0]))
  void (async () => {
    while (!signal.aborted) {
      await clock.sleep(beatMs, signal)
      beats += 1
    }
  })()
  return {
    turn: (loop) => void turns.set(loop, beats),
    stuck: () => loops.filter((loop) => beats - (turns.get(loop) ?? 0) >= stuckBeats),
  }
}
