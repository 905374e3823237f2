// Keys for steps that must not happen twice.

/** Also where the page is served over plain http, where `randomUUID` is not there. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
