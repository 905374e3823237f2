// Puts laws on trial: each is first shown files that break it and files that do not, then the repository.
import { describe, expect, test } from 'vitest'
import { readTree } from './tree.ts'
import type { Law } from './tree.ts'

/** Each guilty file is caught alone; the innocent ones look alike and are not. */
export interface Trial {
  readonly promise: string
  readonly law: Law
  readonly guilty: readonly (readonly [path: string, text: string])[]
  readonly innocent: readonly (readonly [path: string, text: string])[]
}

const tree = readTree()

export function onTrial(trials: readonly Trial[]): void {
  describe.each(trials)('$promise', ({ law, guilty, innocent }) => {
    test.each(guilty)('which %s breaks with %j', (path, text) => {
      expect(law([{ path, text }])).toHaveLength(1)
    })

    test('which catches nobody for looks', () => {
      expect(law(innocent.map(([path, text]) => ({ path, text })))).toEqual([])
    })

    test('in this repository', () => {
      expect(law(tree)).toEqual([])
    })
  })
}
