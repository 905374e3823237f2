// The result of a create.
import type { Step } from '../first-frame/steps.ts'

export interface Created {
  readonly requestId: string
  /** One for each output, in order. */
  readonly taskIds: readonly string[]
  /** Total for all outputs. */
  readonly credits: number
  /** As they stand when the order is made; null if it has one step. */
  readonly steps: readonly Step[] | null
}
