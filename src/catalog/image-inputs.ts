// The ways a request may provide its images, and what each allows.
import { listOf } from '../config/wording.ts'
import type { Text } from '../errors.ts'
import type { Way } from './offer.ts'
import { orListZh } from './refusal.ts'

/** From `min` to `max` images in image_urls, with or without a last frame. */
export interface ImageInputs {
  readonly min: number
  readonly max: number
  readonly endImage: boolean
}

export function takesImages({ shape }: Way, images: number, endImage: boolean): boolean {
  return shape.endImage === endImage && images >= shape.images.min && images <= shape.images.max
}

export interface Group {
  readonly imageInputs: ImageInputs
  readonly values: readonly string[]
}

/** Groups image counts with the same allowed values, merged if they are adjacent. */
export function groupsOf(ways: readonly Way[], valuesOf: (way: Way) => readonly string[]): Group[] {
  return [false, true].flatMap((endImage) => {
    const counted = countsOf(ways, endImage).map((images): Group => {
      const fitting = ways.filter((way) => takesImages(way, images, endImage))
      return { imageInputs: { min: images, max: images, endImage }, values: union(fitting.map(valuesOf)) }
    })
    return counted.reduce<Group[]>(joined, [])
  })
}

/** Every number of images that some way takes. */
function countsOf(ways: readonly Way[], endImage: boolean): number[] {
  const most = Math.max(0, ...ways.map(({ shape }) => shape.images.max))
  const counts = Array.from({ length: most + 1 }, (_, images) => images)
  return counts.filter((images) => ways.some((way) => takesImages(way, images, endImage)))
}

function joined(groups: readonly Group[], next: Group): Group[] {
  const last = groups.at(-1)
  const follows = last?.imageInputs.max === next.imageInputs.min - 1
  if (!last || !follows || last.values.join() !== next.values.join()) return [...groups, next]
  const imageInputs = { ...last.imageInputs, max: next.imageInputs.max }
  return [...groups.slice(0, -1), { imageInputs, values: last.values }]
}

/** Distinct values; numbers sorted, words in the order of the ways. */
export function union(lists: readonly (readonly string[])[]): string[] {
  const values = [...new Set(lists.flat())]
  return values.every((value) => /^\d+$/.test(value))
    ? values.toSorted((a, b) => Number(a) - Number(b))
    : values
}

/** `with 2 or 3 images` */
export function imageInputsText({ min, max, endImage }: ImageInputs): Text {
  if (endImage) return { en: 'with a first and a last frame', zh: '给出首帧和尾帧时' }
  if (max === 0) return { en: 'without images', zh: '没有图片时' }
  const { en, zh } = countText({ min, max })
  return { en: `with ${en}`, zh: `有${zh}图片时` }
}

/**
 * `2 or 3 images`; in Chinese the number with its measure word, preceded by a space if it begins with a
 * digit.
 */
export function countText({ min, max }: { min: number; max: number }): Text {
  const noun = max === 1 ? 'image' : 'images'
  if (min === max) return { en: `${max} ${noun}`, zh: ` ${max} 张` }
  if (min === 0) return { en: `up to ${max} ${noun}`, zh: `最多 ${max} 张` }
  const ends = [String(min), String(max)]
  if (max === min + 1) return { en: `${listOf(ends)} ${noun}`, zh: ` ${orListZh(ends)} 张` }
  return { en: `${min} to ${max} ${noun}`, zh: ` ${min} 到 ${max} 张` }
}

/** The accepted numbers of images, as ranges. */
export function imageRanges(ways: readonly Way[], endImage: boolean): ImageInputs[] {
  return groupsOf(
    ways.filter(({ shape }) => shape.endImage === endImage),
    () => [],
  ).map(({ imageInputs }) => imageInputs)
}
