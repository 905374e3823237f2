// What an alert says: its title, what it means and what to do, in the operator's language.
import type { AlertRuleName } from '../config/alerts.ts'
import type { Text } from '../errors.ts'
import type { Facts } from './rules/rule.ts'

/** Shows a measured value; names of accounts and the like are other people's text, so receivers escape them. */
export type Show = (value: string | number | null | undefined) => string

interface RuleWords {
  readonly title: Text
  /** What was found, what it means, what to do. */
  fired(facts: Facts, show: Show): Text
  readonly recovered: Text
  /** Which of the things that the rule looks at, where there are several: the words of an end name none. */
  about?(facts: Facts, show: Show): string
}

const words: Readonly<Record<AlertRuleName, RuleWords>> = {
  key_refused: {
    title: { en: 'The upstream refuses a key', zh: '上游拒绝了密钥' },
    fired: ({ upstream, key, detail }, show) => ({
      en: `${show(upstream)} refuses the key ${show(key)}: ${show(detail)} Nothing is ordered with it. If it is the only one, orders wait, and come back with their credits when their time is over. Look at the account with the upstream, and replace the key.`,
      zh: `${show(upstream)} 拒绝了密钥 ${show(key)}:${show(detail)} 不再用它下单。如果只有这一个密钥,订单会等待,到期后退还积分。请检查上游账户并更换密钥。`,
    }),
    recovered: { en: 'The key is no longer refused.', zh: '该密钥不再被拒绝。' },
    about: ({ upstream, key }, show) => `${show(upstream)} ${show(key)}`,
  },
  keys_resting: {
    title: { en: 'No key of an upstream may be used', zh: '上游的所有密钥都不可用' },
    fired: ({ upstream, keys, states }, show) => ({
      en: `All ${show(keys)} keys of ${show(upstream)} rest (${show(states)}), so its orders wait. No credits are lost: what waits too long is given back. Look at the state of the upstream, or add a key.`,
      zh: `${show(upstream)} 的全部 ${show(keys)} 个密钥均在暂停(${show(states)}),订单正在等待。积分不会丢失:等待过久的订单会退还。请查看上游状态,或增加密钥。`,
    }),
    recovered: { en: 'A key may be used again, and orders go on.', zh: '已有密钥可用,订单继续处理。' },
    about: ({ upstream }, show) => show(upstream),
  },
  failure_rate: {
    title: { en: 'Many tasks fail', zh: '大量任务失败' },
    fired: ({ failed, ended, percent, minutes }, show) => ({
      en: `${show(failed)} of ${show(ended)} tasks that ended within ${show(minutes)} minutes failed (${show(percent)} %). Their credits went back. Look at the reasons in the list of failed tasks.`,
      zh: `${show(minutes)} 分钟内结束的 ${show(ended)} 个任务中有 ${show(failed)} 个失败(${show(percent)} %),积分已退还。请在失败任务列表中查看原因。`,
    }),
    recovered: { en: 'Most tasks succeed again.', zh: '任务已大多恢复成功。' },
  },
  oldest_waiting: {
    title: { en: 'Orders wait long', zh: '订单等待过久' },
    fired: ({ waiting, minutes }, show) => ({
      en: `The oldest of ${show(waiting)} waiting orders has waited ${show(minutes)} minutes. What waits longer than submit.queue_for is given back. Look at the upstream and its limits.`,
      zh: `${show(waiting)} 个等待中的订单里,最早的已等待 ${show(minutes)} 分钟。等待超过 submit.queue_for 的订单会退还积分。请查看上游及其限制。`,
    }),
    recovered: { en: 'Orders no longer wait long.', zh: '订单不再长时间等待。' },
  },
  unknown_outcomes: {
    title: { en: 'Orders whose outcome is unknown', zh: '结果未知的订单' },
    fired: ({ tasks }, show) => ({
      en: `For ${show(tasks)} tasks nobody knows whether the upstream took the order: its answer never came. They are not ordered again, and are given back at their limit unless a callback comes. The upstream may charge you for them.`,
      zh: `有 ${show(tasks)} 个任务无法确认上游是否已接单:上游没有返回结果。系统不会重复下单;如无回调,到期后退还积分。上游可能仍会向您收费。`,
    }),
    recovered: { en: 'No outcome is unknown any more.', zh: '已没有结果未知的订单。' },
  },
  ledger_drift: {
    title: { en: 'The ledger breaks a promise', zh: '账本校验失败' },
    fired: ({ promises, rows }, show) => ({
      en: `The audit found ${show(rows)} rows that should not be: ${show(promises)}. Balances may be wrong. Run tollgate ledger verify, keep a copy of the store, and find out what wrote to it.`,
      zh: `审计发现 ${show(rows)} 行异常:${show(promises)}。余额可能不正确。请运行 tollgate ledger verify,保留存储副本,并查明写入来源。`,
    }),
    recovered: { en: 'The last audit found every promise kept.', zh: '最近一次审计未发现异常。' },
  },
  late_success: {
    title: { en: 'Work came that nobody pays for', zh: '无人付费的作品' },
    fired: ({ works, credits }, show) => ({
      en: `Within an hour the upstream finished work that no customer pays for (works: ${show(works)}, worth ${show(credits)} credits): the credits had gone back before, or another try of the same order was accepted as well. You pay for it. tollgate reconcile lists it. If it happens often, give_up_after or submit.timeout is too short.`,
      zh: `一小时内,上游完成了无人付费的作品(数量:${show(works)},价值 ${show(credits)} 积分):积分此前已退还,或同一订单的另一次提交也被接受。费用由您承担,可用 tollgate reconcile 查看。如经常发生,说明 give_up_after 或 submit.timeout 设置过短。`,
    }),
    recovered: {
      en: 'For an hour no work came that nobody pays for.',
      zh: '一小时内没有出现无人付费的作品。',
    },
  },
  disk: {
    title: { en: 'The disk is nearly full', zh: '磁盘空间不足' },
    fired: ({ host, folder, free_mb: free }, show) => ({
      en: `${show(host)} has ${show(free)} MB left in ${show(folder)}. When it is full, nothing can be ordered, and results are passed on instead of kept. Make room, or shorten media.retention.`,
      zh: `${show(host)} 的 ${show(folder)} 仅剩 ${show(free)} MB。磁盘写满后将无法下单,结果也无法保存。请清理空间,或缩短 media.retention。`,
    }),
    recovered: { en: 'There is room on the disk again.', zh: '磁盘空间已恢复。' },
    about: ({ host, folder }, show) => `${show(host)} ${show(folder)}`,
  },
  backup_too_old: {
    title: { en: 'The last backup is old', zh: '备份过旧' },
    fired: ({ days }, show) => ({
      en: `${days === null ? 'No backup was ever made' : `The last backup is ${show(days)} days old`}. If the disk fails, everything since is lost: also balances. Run tollgate backup, and do so every night.`,
      zh: `${days === null ? '从未备份' : `最近一次备份已是 ${show(days)} 天前`}。如果磁盘损坏,此后的全部内容(包括余额)都会丢失。请运行 tollgate backup,并每晚执行。`,
    }),
    recovered: { en: 'There is a new backup.', zh: '已有新的备份。' },
  },
  customer_at_zero: {
    title: { en: 'A customer cannot pay', zh: '客户余额不足' },
    fired: ({ account, name, balance, cause }, show) =>
      cause === 'spent'
        ? {
            en: `${show(name)} (${show(account)}) has spent the last credits. What was ordered is paid; the next order will be refused. Top up, or write to the customer.`,
            zh: `${show(name)}(${show(account)})已用完全部积分。已下的订单均已扣费,下一个订单将被拒绝。请充值或联系客户。`,
          }
        : {
            en: `${show(name)} (${show(account)}) wanted to order and has ${show(balance)} credits left. Nothing was ordered. Top up, or write to the customer.`,
            zh: `${show(name)}(${show(account)})想要下单,但仅剩 ${show(balance)} 积分,未下单。请充值或联系客户。`,
          },
    recovered: {
      en: 'The customer has credits or orders again, or nothing was heard of it for an hour.',
      zh: '该客户已有积分或已恢复下单,或一小时内没有新的动静。',
    },
    about: ({ account, name }, show) => `${show(name)} (${show(account)})`,
  },
  day_report: {
    title: { en: 'The report of the day', zh: '日报' },
    fired: ({ currency, value, cost, leakage, margin, ...facts }, show) => {
      const { date, time_zone: zone, tasks, succeeded, failed, charged, refunded, net } = facts
      const money = (amount: Facts[string] | undefined, unknown: string) =>
        amount === null || amount === undefined ? unknown : show(`${amount} ${currency ?? ''}`.trim())
      const [en, zh] = ['unknown', '未知']
      return {
        en: `${show(date)} (${show(zone)}): ${show(tasks)} tasks were charged, ${show(succeeded)} succeeded, ${show(failed)} failed. Credits: ${show(charged)} charged, ${show(refunded)} refunded, ${show(net)} net. Value ${money(value, en)}, cost ${money(cost, en)}, leakage ${money(leakage, en)}, margin ${money(margin, en)}. tollgate report shows it by model and account.`,
        zh: `${show(date)}(${show(zone)}):扣费任务 ${show(tasks)} 个,成功 ${show(succeeded)} 个,失败 ${show(failed)} 个。积分:扣费 ${show(charged)},退还 ${show(refunded)},净额 ${show(net)}。价值 ${money(value, zh)},成本 ${money(cost, zh)},损耗 ${money(leakage, zh)},利润 ${money(margin, zh)}。可用 tollgate report 按模型和账户查看。`,
      }
    },
    recovered: { en: 'It is told once.', zh: '只通知一次。' },
  },
}

export interface Telling {
  readonly rule: string
  readonly kind: 'fired' | 'recovered'
  readonly facts: Facts
}

export interface Told {
  readonly title: string
  readonly text: string
}

/** Of a rule of another version only its name is known. */
export function tell({ rule, kind, facts }: Telling, language: 'en' | 'zh', show: Show): Told {
  const known = Object.hasOwn(words, rule) ? words[rule as AlertRuleName] : null
  if (!known) return { title: show(rule), text: '' }
  const over = { en: 'Over', zh: '已恢复' }[language]
  const title = known.title[language]
  if (kind === 'fired') return { title, text: known.fired(facts, show)[language] }
  const recovered = known.recovered[language]
  const text = known.about ? `${known.about(facts, show)}: ${recovered}` : recovered
  return { title: `${over}: ${title}`, text }
}

/** What a test of the receivers says. */
export const trialWords: { readonly title: Text; readonly text: Text } = {
  title: { en: 'A test of alerts', zh: '告警测试' },
  text: {
    en: 'If you read this, tollgate can tell you when something is wrong. Nothing is wrong now.',
    zh: '如果您看到这条消息,说明 tollgate 可以在出现问题时通知您。目前一切正常。',
  },
}

/** Added to the last message that a receiver gets within an hour. */
export const lastOfHour: Text = {
  en: 'This was the last message for this hour: what else is found meanwhile is shown by GET /admin/v1/alerts.',
  zh: '这是本小时内的最后一条消息:其余告警请查看 GET /admin/v1/alerts。',
}
