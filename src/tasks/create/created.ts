// What a create has made.

export interface Created {
  readonly requestId: string
  /** One for each output, in order. */
  readonly taskIds: readonly string[]
  /** Credits, for all outputs together. */
  readonly credits: number
}
