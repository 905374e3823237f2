// Nothing leaves with an answer that its schema does not name.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { serializerOf } from '../../src/http/wire/response-serializer.ts'

const leaf = z.object({ id: z.int(), note: z.string().nullable() })
const schema = z.object({
  one: leaf,
  none: leaf.nullable(),
  some: leaf.nullable(),
  list: z.array(leaf),
  byName: z.record(z.string(), leaf),
  word: z.enum(['a', 'b']),
  limit: z.union([z.int(), z.literal('off'), z.null()]),
  free: z.record(z.string(), z.unknown()),
  may: z.string().optional(),
})
const clean = {
  one: { id: 1, note: null },
  none: null,
  some: { id: 2, note: 'two' },
  list: [{ id: 3, note: 'three' }],
  byName: { four: { id: 4, note: 'four' } },
  word: 'a' as const,
  limit: 'off' as const,
  free: { of: ['anything'] },
}

test('what a schema does not name is left out at every depth', () => {
  const secret = 'the name of the upstream'
  const soiled = {
    ...clean,
    secret,
    one: { ...clean.one, secret },
    some: { ...clean.some, secret },
    list: clean.list.map((item) => ({ ...item, secret })),
    byName: { four: { ...clean.byName.four, secret } },
  }
  const kept = serializerOf(schema)(soiled)
  expect(JSON.parse(JSON.stringify(kept))).toEqual(clean)
  expect(JSON.parse(JSON.stringify(schema.parse(soiled)))).toEqual(clean)
})

test('a name that is no identifier is a name like any other', () => {
  const odd = z.object({ 'a"b': z.int(), 'x y': z.string() })
  const kept = serializerOf(odd)({ 'a"b': 1, 'x y': 'z' })
  expect(JSON.parse(JSON.stringify(kept))).toEqual({ 'a"b': 1, 'x y': 'z' })
})

test('what cannot be looked into is refused when the route is made, not when it is asked', () => {
  expect(() => serializerOf(z.object({ odd: z.map(z.string(), z.string()) }))).toThrow('by a map')
  expect(() => serializerOf(z.object({ either: z.union([leaf, z.null()]) }))).toThrow('by a union')
})
