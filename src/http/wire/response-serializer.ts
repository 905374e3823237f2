// What an answer may hold: what its schema names, and nothing that slipped in beside it.
import { z } from 'zod'
import { compileFunctionOf } from '../../compile-function.ts'

type Keep = (value: unknown) => unknown

/**
 * A function that copies what the schema names, at every depth, and leaves the rest out. It does not check the
 * values: the compiler has, and a customer whose task is paid for must not be refused its answer for a number
 * that is not as the document says. Throws for a kind of schema that it does not know.
 */
export function serializerOf<Schema extends z.ZodType>(
  schema: Schema,
): (value: z.input<Schema>) => z.output<Schema> {
  return (keeperOf(schema) ?? asItIs) as (value: z.input<Schema>) => z.output<Schema>
}

/** What stands within a schema is typed as what all flavours of the library have in common. */
const inner = (schema: z.core.$ZodType): z.ZodType => schema as z.ZodType

const asItIs: Keep = (value) => value

/** Null where nothing can be hidden within a value. */
function keeperOf(schema: z.ZodType): Keep | null {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodOptional)
    return whereThere(keeperOf(inner(schema.unwrap())))
  if (schema instanceof z.ZodArray) {
    const keep = keeperOf(inner(schema.element))
    return keep && ((value) => (value as unknown[]).map(keep))
  }
  if (schema instanceof z.ZodRecord) {
    const keep = keeperOf(inner(schema.valueType))
    return keep && ((value) => mapValues(value as object, keep))
  }
  if (schema instanceof z.ZodObject) return objectKeeper(schema)
  const plain =
    schema instanceof z.ZodUnion
      ? !schema.options.some((option: unknown) => keeperOf(option as z.ZodType))
      : isLeaf(schema)
  if (plain) return null
  throw new Error(`an answer cannot be serialized by a ${schema.type}`)
}

const isLeaf = (schema: z.ZodType): boolean => leaves.some((leaf) => schema instanceof leaf)

const leaves = [
  z.ZodString,
  z.ZodNumber,
  z.ZodBoolean,
  z.ZodEnum,
  z.ZodLiteral,
  z.ZodNull,
  z.ZodUnknown,
  z.ZodCustom,
]

const whereThere = (keep: Keep | null): Keep | null =>
  keep && ((value) => (value === null || value === undefined ? value : keep(value)))

const mapValues = (value: object, keep: Keep): object =>
  Object.fromEntries(Object.entries(value).map(([name, item]) => [name, keep(item)]))

function objectKeeper({ shape }: z.ZodObject): Keep {
  const keep: Keep[] = []
  const properties = Object.entries<z.core.$ZodType>(shape).map(([name, schema]) => {
    const property = JSON.stringify(name)
    const keeper = keeperOf(inner(schema))
    return keeper
      ? `${property}: keep[${keep.push(keeper) - 1}](input[${property}])`
      : `${property}: input[${property}]`
  })
  // What is undefined is left out when the answer is written as JSON.
  return compileFunctionOf(`({ ${properties.join(', ')} })`, { keep }) as Keep
}
