// A picture from the body of a create that was too long to stay text: decoded and spooled to disk.
import { base64Of } from '../base64.ts'
import { TooLong, openSpool } from '../spool.ts'
import type { SpoolContext, Spooled, Spooling } from '../spool.ts'
import { WrongKind } from '../file-types.ts'
import { imageRefusal, imageSpool } from './upload.ts'
import { streamOfPath } from '../volume/stream.ts'

/** Why a picture cannot be used; its spooled bytes are gone. */
export type PictureTrouble = 'not_base64' | TooLong | WrongKind

/** Takes the place of the picture's text in a body. */
export class InlinePicture {
  /** `data:image/png;base64,`, as the client wrote it. */
  readonly head: string
  readonly content: Spooled | PictureTrouble

  constructor(head: string, content: Spooled | PictureTrouble) {
    this.head = head
    this.content = content
  }

  /** The original data: URI, in canonical base64. */
  async *text(): AsyncGenerator<string> {
    yield this.head
    if (!isSpooled(this.content)) return
    yield* base64Of(streamOfPath(this.content.path))
  }
}

export const isSpooled = (content: Spooled | PictureTrouble): content is Spooled =>
  typeof content === 'object' && !(content instanceof Error)

/** A part of a picture's bytes, as they arrive. */
export interface PicturePart {
  /** Pictures arrive one after another and are numbered from 0. */
  readonly index: number
  readonly head: string
  readonly bytes: Uint8Array
  readonly state: 'open' | 'whole' | 'broken'
}

export interface PictureReceiver {
  /** Throws unavailable if the disk accepts nothing. An unusable picture does not throw; it is recorded. */
  take(part: PicturePart): Promise<void>
  /** Complete pictures, in order. */
  readonly pictures: readonly InlinePicture[]
  /** Removes all of them from the disk, complete or not. */
  discard(): Promise<void>
}

export function createPictureReceiver(ctx: SpoolContext): PictureReceiver {
  const pictures: InlinePicture[] = []
  let current: Spooling | PictureTrouble | null = null
  const end = (head: string, content: Spooled | PictureTrouble): void => {
    pictures.push(new InlinePicture(head, content))
    current = null
  }
  const spoolPart = async ({ bytes, head, state }: PicturePart): Promise<void> => {
    const spooling = (current ??= await openSpool(ctx, imageSpool)) as Spooling
    if (bytes.length > 0) await spooling.write(bytes)
    if (state === 'whole') end(head, await spooling.end())
  }
  return {
    pictures,
    async take(part) {
      try {
        if (part.state === 'broken') await discardCurrent(current)
        else if (!isTrouble(current)) return await spoolPart(part)
      } catch (error) {
        await discardCurrent(current)
        if (!(error instanceof TooLong || error instanceof WrongKind)) throw imageRefusal(error, '')
        current = error
      }
      if (part.state !== 'open') end(part.head, isTrouble(current) ? current : 'not_base64')
    },
    async discard() {
      await discardCurrent(current)
      current = null
      for (const { content } of pictures) if (isSpooled(content)) await content.discard()
    },
  }
}

const isTrouble = (current: Spooling | PictureTrouble | null): current is PictureTrouble =>
  current === 'not_base64' || current instanceof Error

async function discardCurrent(current: Spooling | PictureTrouble | null): Promise<void> {
  if (current !== null && !isTrouble(current)) await current.discard()
}
