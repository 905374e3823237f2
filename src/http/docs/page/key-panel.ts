// Where the reader's key comes into the examples: of who is signed in to the console, or typed here.
import { fragment, raw } from '../html.ts'
import type { Raw } from '../html.ts'
import { keyPlace } from './code.ts'
import { sayIn } from './place.ts'
import type { Place } from './place.ts'

/** Hidden until the page's script can do what it says. */
export function keyPanel(place: Place): Raw {
  const say = sayIn(place)
  const { root } = place
  return raw(fragment`<div class="key" hidden data-from="${root}console/session/key">
<p data-when="known">${say('You are signed in: your key stands in every example of this page.', '您已登录:本页所有示例均已填入您的密钥。')}</p>
<p data-when="unknown">${say(
    `<a href="${root}console">Sign in</a> with your key and it stands in every example, or <a href="${root}console/keys">make a key</a>.`,
    `使用密钥<a href="${root}console">登录</a>后,所有示例都会填入您的密钥;您也可以<a href="${root}console/keys">创建密钥</a>。`,
  )}</p>
<label data-when="unknown">${say('Or type it here: it stays in this page', '或在此输入密钥(仅保留在本页面)')}<input type="text" autocomplete="off" spellcheck="false" placeholder="${keyPlace}"></label>
<button type="button" hidden data-show="${say('Show the key', '显示密钥')}" data-hide="${say('Hide the key', '隐藏密钥')}"></button></div>`)
}
