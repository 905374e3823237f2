// The example of a schema: what its author gave, else put together from the examples of its fields.
import { z } from 'zod'

/**
 * Undefined if a field has neither an example nor a value that its schema tells; the document then shows none,
 * and a test names the route.
 */
export function exampleOf(schema: z.ZodType): unknown {
  const { examples } = z.globalRegistry.get(schema) ?? {}
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return exampleOf(inner(schema.unwrap()))
  if (schema instanceof z.ZodEnum) return schema.options[0]
  if (schema instanceof z.ZodLiteral) return [...schema.values][0]
  if (schema instanceof z.ZodBoolean) return true
  if (schema instanceof z.ZodNull) return null
  if (schema instanceof z.ZodArray) {
    const element = exampleOf(inner(schema.element))
    return element === undefined ? undefined : [element]
  }
  return schema instanceof z.ZodObject ? exampleOfObject(schema) : undefined
}

/** Inner schemas have the library's core type. */
const inner = (schema: z.core.$ZodType): z.ZodType => schema as z.ZodType

/** Optional fields are shown where they have an example. */
function exampleOfObject({ shape }: z.ZodObject): unknown {
  const fields = Object.entries<z.core.$ZodType>(shape).map(([name, schema]) => ({
    name,
    example: exampleOf(inner(schema)),
    isOptional: schema instanceof z.ZodOptional,
  }))
  if (fields.some(({ example, isOptional }) => example === undefined && !isOptional)) return undefined
  return Object.fromEntries(
    fields.filter(({ example }) => example !== undefined).map(({ name, example }) => [name, example]),
  )
}

/** For `examples` of a media type: the value under the name, or nothing if there is no value. */
export const named = (name: string, value: unknown, summary?: string) =>
  value === undefined ? {} : { [name]: { ...(summary !== undefined && { summary }), value } }
