// JSON Schema of a tool's input and output, in the form that clients of both eras read: an object at the root.
import { z } from 'zod'

export interface ObjectSchema {
  readonly type: 'object'
  readonly [key: string]: unknown
}

/** Several types of one value, as `anyOf`: providers of models read schemas that have one type each. */
function split(schema: z.core.JSONSchema.BaseSchema): void {
  const { type } = schema as { readonly type?: unknown }
  if (!Array.isArray(type)) return
  delete schema.type
  schema.anyOf = type.map((one: 'string') => ({ type: one }))
}

/** Without what is meant for OpenAPI, and without the bounds of safe integers, which say nothing to a reader. */
export function objectSchemaOf(schema: z.ZodObject): ObjectSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    override({ jsonSchema }) {
      split(jsonSchema)
      delete jsonSchema['override']
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  const { $schema: _, $ref: reference, $defs: named = {}, ...root } = made
  // A schema with a name of its own is made a reference to itself.
  const name = reference?.slice('#/$defs/'.length)
  if (name === undefined) return { ...root, ...(made.$defs && { $defs: named }), type: 'object' }
  const { [name]: itself, ...others } = named
  return { ...itself, ...(Object.keys(others).length > 0 && { $defs: others }), type: 'object' }
}
