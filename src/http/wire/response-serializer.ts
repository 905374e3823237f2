// Serializes answers by their schema: only fields that the schema names are sent.
import { z } from 'zod'
import { compileFunctionOf } from '../../compile-function.ts'

type Keep = (value: unknown) => unknown

/**
 * Returns a function that copies what the schema names, at every depth, and omits the rest. It does not
 * validate: the compiler has, and a customer whose task is paid for must not be refused its answer because of
 * an odd number. Throws for unsupported kinds of schema.
 */
export function serializerOf<Schema extends z.ZodType>(
  schema: Schema,
): (value: z.input<Schema>) => z.output<Schema> {
  return (keeperOf(schema) ?? asItIs) as (value: z.input<Schema>) => z.output<Schema>
}

/** Inner schemas have the library's core type. */
const inner = (schema: z.core.$ZodType): z.ZodType => schema as z.ZodType

const asItIs: Keep = (value) => value

/** Null if the value has no fields to filter. */
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
  // JSON.stringify omits undefined properties.
  return compileFunctionOf(`({ ${properties.join(', ')} })`, { keep }) as Keep
}
