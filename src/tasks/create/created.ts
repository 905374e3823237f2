// The result of a create.

export interface Created {
  readonly requestId: string
  /** One for each output, in order. */
  readonly taskIds: readonly string[]
  /** Total for all outputs. */
  readonly credits: number
}
