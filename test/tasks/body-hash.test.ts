// Bodies are told apart by what they say, not by how they are written.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashOfBody } from '../../src/tasks/create/body-hash.ts'

test('bodies that say the same have one hash, and no others have it', async () => {
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
  await fc.assert(
    fc.asyncProperty(shuffled, fields, async ([list, same], other) => {
      const hash = await hashOfBody(objectOf(list))
      expect(await hashOfBody(objectOf(same))).toBe(hash)
      expect((await hashOfBody(objectOf(other))) === hash).toBe(said(other) === said(list))
    }),
  )
  expect(await hashOfBody({ a: ['b,c'] })).not.toBe(await hashOfBody({ a: ['b', 'c'] }))
  expect(await hashOfBody({ 'a":1,"b': 2 })).not.toBe(await hashOfBody({ a: 1, b: 2 }))
  expect(await hashOfBody(undefined)).not.toBe(await hashOfBody(null))
})
