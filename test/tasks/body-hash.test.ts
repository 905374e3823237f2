// Bodies are told apart by what they say, not by how they are written.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashOfBody } from '../../src/tasks/body-hash.ts'

test('bodies that say the same have one hash, and no others have it', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double(), fc.constant(null))
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }))
  const fields = fc.uniqueArray(fc.tuple(fc.string(), value), { selector: ([name]) => name, maxLength: 6 })
  const shuffled = fields.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  )
  const objectOf = (list: readonly (readonly [string, unknown])[]) =>
    JSON.parse(`{${list.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join()}}`)
  const said = (list: readonly (readonly [string, unknown])[]) =>
    JSON.stringify(
      Object.entries(objectOf(list))
        .filter(([, one]) => one !== null)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  fc.assert(
    fc.property(shuffled, fields, ([list, same], other) => {
      expect(hashOfBody(objectOf(same))).toBe(hashOfBody(objectOf(list)))
      expect(hashOfBody(objectOf(other)) === hashOfBody(objectOf(list))).toBe(said(other) === said(list))
    }),
  )
  expect(hashOfBody({ a: ['b,c'] })).not.toBe(hashOfBody({ a: ['b', 'c'] }))
  expect(hashOfBody({ 'a":1,"b': 2 })).not.toBe(hashOfBody({ a: 1, b: 2 }))
  expect(hashOfBody(undefined)).not.toBe(hashOfBody(null))
})
