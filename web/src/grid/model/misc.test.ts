import { describe, expect, it } from 'vitest';
import { aggregateColumn, foldColumns } from './aggregate';
import {
  applyPreference,
  columnWindow,
  defaultColumns,
  layout,
  moveBefore,
  moveBy,
  resize,
  scrollToShow,
  setHidden,
  setPinned,
  toPreference,
  visibleColumns,
} from './columns';
import { dateCondition, dayOf, isOneDay, presetSpan, presetValue } from './dates';
import { addDecimal, compareDecimal, divideDecimal, formatDecimal, parseDecimal } from './decimal';
import { cellValue, copyCell, formatCell, formatNumber } from './format';
import { isSelected, noSelection, selectAllMatching, selectedCount, toggle } from './selection';
import { toTsv } from './tsv';
import type { FieldDef } from './types';
import { nextSort, queryKey, readSort, searchToQuery, validateListSearch, writeSort } from './urlState';

const money: FieldDef = { name: 'balance', label: 'Balance', type: 'money' };
const text: FieldDef = { name: 'name', label: 'Name', type: 'text' };
const date: FieldDef = { name: 'created_at', label: 'Created', type: 'date' };

describe('decimals', () => {
  it('are exact', () => {
    const s = addDecimal(parseDecimal('0.1')!, parseDecimal('0.2')!);
    expect(formatDecimal(s)).toBe('0.3');
    expect(formatDecimal(addDecimal(parseDecimal('9007199254740993.000001')!, parseDecimal('-1')!))).toBe(
      '9007199254740992.000001',
    );
    expect(formatDecimal(divideDecimal(parseDecimal('1')!, 3))).toBe('0.333333');
    expect(formatDecimal(divideDecimal(parseDecimal('-2')!, 3))).toBe('-0.666667');
    expect(compareDecimal(parseDecimal('1.50')!, parseDecimal('1.5')!)).toBe(0);
    expect(parseDecimal('1,5')).toBeNull();
    expect(parseDecimal('')).toBeNull();
  });
});

describe('aggregates', () => {
  it('sum numbers and count the rest', () => {
    expect(aggregateColumn(money, ['1.5', '-0.5', null, ''])).toEqual({
      count: 2,
      sum: '1',
      average: '0.5',
      min: '-0.5',
      max: '1.5',
    });
    expect(aggregateColumn(text, ['a', '', 'b'])).toEqual({ count: 2 });
    expect(aggregateColumn(date, ['2024-02-01T00:00:00Z', '2023-01-01T00:00:00Z']).min).toBe(
      '2023-01-01T00:00:00Z',
    );
  });
  it('weigh the average of several columns by count', () => {
    const a: FieldDef = { name: 'a', label: 'A', type: 'number' };
    const b: FieldDef = { name: 'b', label: 'B', type: 'number' };
    const s = foldColumns([a, b, text], {
      a: { count: 1, sum: '10', min: '10', max: '10' },
      b: { count: 3, sum: '2', min: '0', max: '1' },
      name: { count: 4 },
    });
    expect(s).toMatchObject({ count: 8, sum: '12', average: '3', min: '0', max: '10', type: 'number' });
  });
});

describe('clipboard text', () => {
  it('quotes what would break a row', () => {
    expect(
      toTsv([
        ['a', 'b\tc'],
        ['d "e"', 'f\ng'],
      ]),
    ).toBe('a\t"b\tc"\r\n"d ""e"""\t"f\ng"');
  });
});

describe('columns', () => {
  const fields: FieldDef[] = ['a', 'b', 'c', 'd'].map((n) => ({
    name: n,
    label: n,
    type: 'text',
    width: 100,
    default_visible: n !== 'd',
  }));
  const cols = defaultColumns(fields, ['a']);
  it('start as suggested', () => {
    expect(visibleColumns(cols).map((c) => c.name)).toEqual(['a', 'b', 'c']);
    expect(cols[0]!.pinned).toBe(true);
  });
  it('come back as remembered, with new ones at their place', () => {
    const changed = moveBefore(resize(setHidden(cols, 'b', true), 'c', 333), 'c', 'b');
    const pref = JSON.parse(JSON.stringify(toPreference(changed)));
    expect(applyPreference(cols, pref)).toEqual(changed);
    const more = defaultColumns([...fields, { name: 'e', label: 'e', type: 'text' }], ['a']);
    expect(applyPreference(more, pref).map((c) => c.name)).toEqual(['a', 'c', 'b', 'd', 'e']);
  });
  it('ignore junk', () => {
    expect(
      applyPreference(cols, { columns: [{ name: 'zz' }, null, { name: 'b', width: 'wide' }] }).find(
        (c) => c.name === 'b',
      )!.width,
    ).toBe(100);
    expect(applyPreference(cols, 'x')).toBe(cols);
  });
  it('keep the last visible one', () => {
    const one = setHidden(setHidden(cols, 'a', true), 'b', true);
    expect(setHidden(one, 'c', true)).toBe(one);
  });
  it('move and pin', () => {
    expect(moveBy(cols, 'b', 1).map((c) => c.name)).toEqual(['a', 'c', 'b', 'd']);
    expect(moveBy(cols, 'b', -1)).toBe(cols);
    expect(setPinned(cols, 'c', true).map((c) => c.name)).toEqual(['a', 'c', 'b', 'd']);
    expect(layout(visibleColumns(cols), 40)).toEqual({ left: [40, 140, 240], width: 340, pinnedWidth: 140 });
  });
});

describe('columns on screen', () => {
  const fields: FieldDef[] = Array.from({ length: 20 }, (_, i) => ({
    name: `f${i}`,
    label: '',
    type: 'text',
    width: 100,
  }));
  const vis = defaultColumns(fields, ['f0']);
  const l = layout(vis, 40);
  it('are the ones between the pinned and the edge, and one more', () => {
    expect(columnWindow(vis, l.left, l.pinnedWidth, 0, 640)).toEqual([1, 7]);
    expect(columnWindow(vis, l.left, l.pinnedWidth, 500, 640)).toEqual([5, 12]);
    expect(columnWindow(vis, l.left, l.pinnedWidth, 99_999, 640)[1]).toBe(20);
    expect(
      columnWindow(
        vis.filter((c) => c.pinned),
        l.left,
        140,
        0,
        640,
      ),
    ).toEqual([1, 1]);
  });
  it('come into view with the least movement', () => {
    const at = (i: number, scroll: number) => scrollToShow(vis[i]!, l.left[i]!, l.pinnedWidth, scroll, 640);
    expect(at(2, 0)).toBe(0);
    expect(at(10, 0)).toBe(500);
    expect(at(2, 500)).toBe(100);
    expect(at(0, 500)).toBe(500);
  });
});

describe('selection', () => {
  it('survives paging and knows all but a few', () => {
    let s = toggle(noSelection, ['1', '2'], true);
    s = toggle(s, ['2'], false);
    expect(selectedCount(s, 100)).toBe(1);
    s = toggle(selectAllMatching(), ['7'], false);
    expect(selectedCount(s, 100)).toBe(99);
    expect(isSelected(s, '7')).toBe(false);
    expect(isSelected(s, '8')).toBe(true);
    expect(selectedCount(toggle(s, ['7'], true), 100)).toBe(100);
  });
});

describe('address', () => {
  it('is read with care', () => {
    expect(
      validateListSearch({
        q: 123,
        filter: '{"and":[{"field":"a","op":"eq","value":"1"}]}',
        sort: '-a,b,,a',
        x: 1,
      }),
    ).toEqual({
      q: '123',
      filter: { and: [{ field: 'a', op: 'eq', value: '1' }] },
      sort: '-a,b',
    });
    expect(validateListSearch({ q: '', filter: 'x', sort: '%%', view: 3 })).toEqual({});
    expect(writeSort(readSort('-balance,name'))).toBe('-balance,name');
  });
  it('has one key per answer', () => {
    expect(queryKey(searchToQuery({ q: 'a ' }))).toBe(queryKey(searchToQuery({ q: 'a' })));
  });
  it('cycles a sort', () => {
    expect(nextSort([], 'a', false)).toEqual([{ field: 'a', desc: false }]);
    expect(nextSort([{ field: 'a', desc: false }], 'a', false)).toEqual([{ field: 'a', desc: true }]);
    expect(nextSort([{ field: 'a', desc: true }], 'a', false)).toEqual([]);
    expect(nextSort([{ field: 'a', desc: true }], 'b', true)).toEqual([
      { field: 'a', desc: true },
      { field: 'b', desc: false },
    ]);
  });
});

describe('dates', () => {
  const now = new Date(2024, 1, 29, 15, 0, 0);
  it('turn presets into spans', () => {
    expect(presetValue('this_month', 'day', now)).toEqual(['2024-02-01', '2024-02-29']);
    expect(presetValue('last_month', 'day', now)).toEqual(['2024-01-01', '2024-01-31']);
    const [a, b] = presetSpan('last_7_days', now);
    expect(Math.round((b.getTime() - a.getTime()) / 864e5)).toBe(7);
  });
  it('turn a day into what the operator needs', () => {
    const on = dateCondition('eq', '2024-02-29')!;
    expect(on.op).toBe('between');
    expect(isOneDay(on.value)).toBe(true);
    expect(dayOf((on.value as string[])[1])).toBe('2024-02-29');
    expect(dateCondition('gt', '2024-02-30')).toBeNull();
    expect(dateCondition('between', '2024-02-01', '')).toBeNull();
  });
});

describe('format', () => {
  const c = { locale: 'en-GB', timeZone: 'UTC' };
  it('is by locale and exact', () => {
    expect(formatNumber('1234567.5', 'en-GB', 2)).toBe('1,234,567.50');
    expect(formatNumber('12345678901234567.12', 'en-GB', 2)).toBe('12,345,678,901,234,567.12');
    expect(formatCell(date, '2024-02-01T10:00:00Z', c)).toBe('1 Feb 2024, 10:00 UTC');
    expect(
      formatCell(
        { name: 'g', label: 'G', type: 'multiref' },
        [
          { id: '1', name: 'A' },
          { id: '2', name: 'B' },
        ],
        c,
      ),
    ).toBe('A, B');
    expect(copyCell(money, '12.500000', c)).toBe('12.500000');
  });
  it('finds custom fields', () => {
    expect(cellValue({ id: '1', custom: { tier: 'gold' } }, 'custom.tier')).toBe('gold');
    expect(cellValue({ id: '1', reseller: { name: 'R' } }, 'reseller.name')).toBe('R');
  });
});
