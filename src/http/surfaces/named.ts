// Says a refusal of a create with the names that the caller's API has for its fields.
import { GatewayError } from '../../errors.ts'

/** By the name of the tasks API: `image_urls` to `reference_images`. */
export type FieldNames = Readonly<Record<string, string>>

/** The same refusal, its text and its field with these names. */
export function named(refusal: GatewayError, names: FieldNames): GatewayError {
  const spoken = (text: string) => text.replaceAll(/[a-z]+(?:_[a-z]+)*/g, (word) => nameOf(names, word))
  const { type, text, field, retryAfterMs, detail, cause } = refusal
  return new GatewayError(
    type,
    { en: spoken(text.en), zh: spoken(text.zh) },
    {
      ...(field !== undefined && { field: spoken(field) }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(detail !== undefined && { detail }),
      ...(cause !== undefined && { cause }),
    },
  )
}

const nameOf = (names: FieldNames, word: string): string =>
  Object.hasOwn(names, word) ? (names[word] ?? word) : word
