// Other people's text in a message: on one line, and never markup, a mention or a link of the chat it goes to.
import type { ReceiverType } from '../../config/alerts.ts'

/** Longer values say no more. */
const valueMax = 300

/** Controls, line breaks, and characters that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u200B-\u200F\u202A-\u202E\u2060-\u206F]+/gu

function oneLine(value: string): string {
  const text = value.replace(unprintable, ' ')
  return text.length <= valueMax ? text : `${[...text].slice(0, valueMax).join('')}…`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Full-width forms look alike, and no chat takes them for markup. */
const fullWidth: Readonly<Record<string, string>> = { '<': '＜', '>': '＞', '@': '＠' }

/** Slack reads mentions and links in <…>; the rest of its markup is switched off for the whole message. */
const forSlack = (text: string): string => text.replace(/[&<>]/g, (sign) => entities[sign] ?? sign)

const forDiscord = (text: string): string =>
  text
    .replace(/[<@]/g, (sign) => fullWidth[sign] ?? sign)
    .replace(/[\\*_~`|>#[\]()-]/g, (sign) => `\\${sign}`)

/** Feishu reads <at …>, WeCom <@…>; DingTalk mentions who is named in other fields, which we never send. */
const withoutTags = (text: string): string => text.replace(/[<>@]/g, (sign) => fullWidth[sign] ?? sign)

const escapes: Readonly<Record<ReceiverType, (text: string) => string>> = {
  // Programs read it.
  webhook: (text) => text,
  slack: forSlack,
  discord: forDiscord,
  feishu: withoutTags,
  dingtalk: withoutTags,
  wecom: withoutTags,
  // Sent without a parse mode, so nothing is markup; but @name would mention somebody.
  telegram: withoutTags,
  bark: (text) => text,
}

/** For the words of a message to that receiver. */
export const showFor =
  (type: ReceiverType) =>
  (value: string | number | null | undefined): string =>
    escapes[type](oneLine(String(value ?? '–')))
