// Makes the file behind the URL of a succeeded task.
import { imageSize, thumbnailSize, videoSize } from '../sizes.ts'
import type { Task } from '../tasks.ts'
import { paintPicture, paintThumbnail } from './picture.ts'
import type { Picture } from './picture.ts'
import { encodePng } from '../encode/png.ts'
import { filmPicture } from './video.ts'

export type MediaKind = 'image' | 'video' | 'thumbnail'

export interface DrawnFile {
  readonly bytes: Buffer
  readonly contentType: string
}

export async function drawMedia({ id, work, index }: Task, kind: MediaKind): Promise<DrawnFile> {
  const { prompt, ratio, size, mode, durationSeconds, count } = work
  const sizeOf = {
    image: () => imageSize(size, ratio),
    video: () => videoSize(size, ratio),
    thumbnail: () => thumbnailSize(ratio),
  }
  const which = count > 1 ? [`${index + 1} of ${count}`] : []
  const length = durationSeconds > 0 ? [`${durationSeconds} s`] : []
  const caption = [mode, size, ratio, ...length, ...which].join(' · ')
  const picture: Picture = { ...sizeOf[kind](), prompt, seed: id, caption }
  if (kind === 'video') return { bytes: filmPicture(picture, durationSeconds), contentType: 'video/mp4' }
  const canvas = kind === 'thumbnail' ? paintThumbnail(picture) : paintPicture(picture)
  const words = { Description: prompt, Software: 'tollgate sandbox' }
  return { bytes: await encodePng(canvas, words), contentType: 'image/png' }
}
