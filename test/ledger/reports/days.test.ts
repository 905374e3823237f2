// Days of a time zone: 23, 24 or 25 hours, and none lost or counted twice.
import { expect, test } from 'vitest'
import { countDays, dateIn, daysBetween, isDate } from '../../../src/ledger/reports/days.ts'

const hoursOf = (timeZone: string, date: string): number => {
  const [day] = daysBetween(timeZone, { from: date, to: date })
  return day ? (day.stop - day.start) / 4 : Number.NaN
}

test.each([
  ['UTC', '2026-03-29', 24],
  ['Asia/Shanghai', '2026-03-29', 24],
  ['Europe/Berlin', '2026-03-29', 23],
  ['Europe/Berlin', '2026-10-25', 25],
  ['America/New_York', '2026-03-08', 23],
  ['America/New_York', '2026-11-01', 25],
  // Summer time begins and ends at midnight, or by half an hour.
  ['America/Havana', '2026-03-08', 23],
  ['Africa/Cairo', '2026-04-24', 23],
  ['Australia/Lord_Howe', '2026-04-05', 24.5],
  ['Australia/Lord_Howe', '2026-10-04', 23.5],
  // There was no such day.
  ['Pacific/Apia', '2011-12-30', 0],
])('a day in %s, %s, has %f hours', (timeZone, date, hours) => {
  expect(hoursOf(timeZone, date)).toBe(hours)
})

test.each([
  ['Asia/Kolkata', '2026-11-29T18:30:00Z'],
  ['Asia/Kathmandu', '2026-11-29T18:15:00Z'],
  ['Asia/Shanghai', '2026-11-29T16:00:00Z'],
  ['America/Los_Angeles', '2026-11-30T08:00:00Z'],
  ['Pacific/Kiritimati', '2026-11-29T10:00:00Z'],
])('November 30 begins in %s at %s', (timeZone, begins) => {
  const [day] = daysBetween(timeZone, { from: '2026-11-30', to: '2026-11-30' })
  expect((day?.start ?? 0) * 15 * 60_000).toBe(Date.parse(begins))
  expect(dateIn(timeZone, Date.parse(begins))).toBe('2026-11-30')
  expect(dateIn(timeZone, Date.parse(begins) - 1)).toBe('2026-11-29')
})

test('days follow one another without a gap', () => {
  for (const timeZone of ['Europe/Berlin', 'Africa/Cairo', 'Asia/Kolkata', 'America/Santiago']) {
    const days = daysBetween(timeZone, { from: '2025-01-01', to: '2026-12-31' })
    expect(days).toHaveLength(730)
    expect(days.slice(1).map(({ start }) => start)).toEqual(days.slice(0, -1).map(({ stop }) => stop))
  }
})

test('dates are those of the calendar', () => {
  expect(['2026-02-28', '2028-02-29'].map(isDate)).toEqual([true, true])
  expect(
    ['2026-02-29', '2026-13-01', '2026-1-1', '20260101', ' 2026-01-01', '2026-04-31'].map(isDate),
  ).toEqual(Array.from({ length: 6 }, () => false))
  expect(countDays('2026-01-01', '2026-12-31')).toBe(365)
})
