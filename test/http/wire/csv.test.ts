// What a spreadsheet reads is text where it was text.
import { expect, test } from 'vitest'
import { csvOf, wantsCsv } from '../../../src/http/reports/csv.ts'

const cell = (value: string | number | null): string =>
  csvOf({ head: ['a'], rows: [[value]] }).slice('a\r\n'.length, -2)

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', `"'\r=1"`],
  ['=1', "'=1"],
  ['Atelier Nord', 'Atelier Nord'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['a=1', 'a=1'],
  ['花店', '花店'],
  ['a\u001B[31m\u202Eb', 'a\\u001b[31m\\u202eb'],
  ['\u0007one\nsecond', '"\\u0007one\nsecond"'],
])('the text %j is the cell %j', (value, text) => {
  expect(cell(value)).toBe(text)
})

test('numbers stay numbers, also below zero, and nothing is nothing', () => {
  expect([cell(-0.25), cell(15), cell(null)]).toEqual(['-0.25', '15', ''])
})

test.each([
  ['text/csv', true],
  ['text/csv, application/json;q=0.5', true],
  ['application/json, text/csv;q=0.9', false],
  ['*/*', false],
  ['text/*', false],
  [undefined, false],
])('accept: %s is CSV: %s', (accept, is) => {
  expect(wantsCsv({ headers: accept === undefined ? {} : { accept } })).toBe(is)
})
