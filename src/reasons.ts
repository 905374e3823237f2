// The reasons of failed tasks, for customers. They are stored in English and shown in the requested language.
import type { Text } from './errors.ts'

const texts = {
  unavailable: {
    en: 'The image and video service is temporarily unavailable. Please try again later.',
    zh: '图像与视频服务暂时不可用,请稍后重试。',
  },
  misconfigured: {
    en: 'The service is misconfigured at the moment, so this was not ordered. Your credits came back. Its operator has to look at the log.',
    zh: '服务当前配置有误,此任务未提交生成,积分已退还。请运营方查看日志。',
  },
  turnedAway: {
    en: 'This request was turned away each time it was tried. Change the prompt or the images, or try again later.',
    zh: '此请求多次尝试均未被接受。请修改提示词或图片,或稍后重试。',
  },
  timedOut: {
    en: 'The task took too long and was given up. Please try again.',
    zh: '任务耗时过长,已被放弃。请重试。',
  },
  lost: {
    en: 'The task was lost while it was being made. Please try again.',
    zh: '任务在生成过程中丢失。请重试。',
  },
  notMade: {
    en: 'Fewer results were made than were ordered. Please try again.',
    zh: '生成的结果少于所下单的数量。请重试。',
  },
  cancelled: {
    en: 'Cancelled by you before it was ordered. Your credits were returned.',
    zh: '您在任务提交生成之前取消了它,积分已退还。',
  },
  failed: { en: 'The generation failed.', zh: '生成失败。' },
  refused: { en: 'The request was refused as invalid.', zh: '请求无效,已被拒绝。' },
  tooLarge: { en: 'The request was refused as too large.', zh: '请求过大,已被拒绝。' },
  parameterRefused: {
    en: 'The request was refused: a parameter is missing or not valid.',
    zh: '请求被拒绝:缺少参数或参数无效。',
  },
  outOfRange: {
    en: 'The request was refused: a value is outside its valid range.',
    zh: '请求被拒绝:有参数超出允许范围。',
  },
  imageUnusable: {
    en: 'An input image could not be used. It takes a public URL, a common format, and less than 20 MB.',
    zh: '有输入图片无法使用。图片须为公开 URL、常见格式,且小于 20 MB。',
  },
  imageTooLarge: { en: 'An input image is larger than 20 MB.', zh: '有输入图片超过 20 MB。' },
  promptTooLong: { en: 'The prompt is longer than 1000 characters.', zh: '提示词超过 1000 个字符。' },
  imageUnreachable: {
    en: 'An input image could not be reached. Check that its URL is public.',
    zh: '有输入图片无法访问。请确认其 URL 可公开访问。',
  },
  imageFormat: {
    en: 'An input image has an unsupported format. Use a common one, such as JPG or PNG.',
    zh: '有输入图片的格式不受支持。请使用 JPG、PNG 等常见格式。',
  },
  fileTooLarge: { en: 'The file is larger than 20 MB.', zh: '文件超过 20 MB。' },
  fileFormat: {
    en: 'The file has an unsupported format. Use a common one, such as JPG or PNG.',
    zh: '文件格式不受支持。请使用 JPG、PNG 等常见格式。',
  },
  imagesNotTaken: {
    en: 'This model does not take the images that were given.',
    zh: '此模型不接受所提供的图片。',
  },
  frameUnusable: {
    en: 'The first frame was made, but the video service could not use it, so there is no video. Your credits came back. Please try again, perhaps with another prompt.',
    zh: '首帧已生成,但视频服务无法使用它,因此没有生成视频,积分已退还。请重试,或更换提示词。',
  },
} satisfies Record<string, Text>

/** The stored texts. */
export const reasons = Object.fromEntries(Object.entries(texts).map(([name, { en }]) => [name, en])) as {
  readonly [Name in keyof typeof texts]: (typeof texts)[Name]['en']
}

const byStored: ReadonlyMap<string, Text> = new Map(Object.values(texts).map((text) => [text.en, text]))

/** They speak of images that the customer gave. */
const aboutImages: ReadonlySet<string> = new Set([
  reasons.imageUnusable,
  reasons.imageTooLarge,
  reasons.imageUnreachable,
  reasons.imageFormat,
  reasons.imagesNotTaken,
])

/** Why a video failed whose image was its first frame, which the customer has not given. */
export const ofFirstFrame = (reason: string): string =>
  aboutImages.has(reason) ? reasons.frameUnusable : reason

const noFirstFrame: Text = {
  en: 'The first frame could not be made, so no video was ordered and all credits came back.',
  zh: '首帧未能生成,因此未提交视频,积分已全部退还。',
}

/** Why an order failed whose first frame failed for `reason`. */
export const withoutFirstFrame = (reason: string): string => `${noFirstFrame.en} ${reason}`

/** A stored reason in a language; an upstream's own message stays unchanged. */
export function reasonIn(language: keyof Text, stored: string): string {
  const prefix = withoutFirstFrame('')
  if (stored.startsWith(prefix)) {
    const rest = reasonIn(language, stored.slice(prefix.length))
    return language === 'zh' ? `${noFirstFrame.zh}${rest}` : `${noFirstFrame.en} ${rest}`
  }
  return byStored.get(stored)?.[language] ?? stored
}
