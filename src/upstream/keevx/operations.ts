// The operations of Keevx's API: each needs an endpoint, its modes, and is what a callback may name.

/** The last part of an endpoint's path, and the `task_type` of its callbacks. */
export const operations = ['image_generate', 'image_to_video'] as const

export type Operation = (typeof operations)[number]

export const isOperation = (name: string): name is Operation =>
  (operations as readonly string[]).includes(name)
