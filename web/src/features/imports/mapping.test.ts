import { describe, expect, it } from 'vitest';
import {
  assign,
  columnLetter,
  columnName,
  dayOrderOf,
  isGuess,
  isSecret,
  lacksName,
  missingMatch,
  rowWords,
  untoldDays,
  writeDays,
} from './mapping';
import type { Import } from './types';

const col = (name: string, index = 0) => ({ index, name, sample: [] });

describe('import mapping', () => {
  it('lets a second column stand in where the first is blank', () => {
    const m = assign(
      [
        { column: 0, field: 'telephone' },
        { column: 2, field: 'email' },
      ],
      1,
      'telephone',
    );
    expect(m).toEqual([
      { column: 0, field: 'telephone' },
      { column: 1, field: 'telephone', transform: 'if_blank' },
      { column: 2, field: 'email' },
    ]);
    // When the first goes, the second leads.
    expect(assign(m, 0, '')).toEqual([
      { column: 1, field: 'telephone' },
      { column: 2, field: 'email' },
    ]);
    expect(assign(m, 1, '')).toEqual([
      { column: 0, field: 'telephone' },
      { column: 2, field: 'email' },
    ]);
  });
  it('keeps a transform when nothing changes', () => {
    const m = [
      { column: 0, field: 'name' },
      { column: 1, field: 'name', transform: 'if_blank' },
    ];
    expect(assign(m, 1, 'name')).toBe(m);
  });
  it('says how days are written, where that is not told and the column is no stand-in', () => {
    const m = [
      { column: 0, field: 'custom.signed' },
      { column: 1, field: 'custom.signed', transform: 'if_blank' },
      { column: 2, field: 'custom.ends', transform: 'mdy' },
      { column: 3, field: 'name' },
    ];
    expect(untoldDays(m, ['custom.signed', 'custom.ends'])).toEqual([0]);
    const told = writeDays(m, [0, 1], 'dmy');
    expect(told).toEqual([{ column: 0, field: 'custom.signed', transform: 'dmy' }, ...m.slice(1)]);
    expect(dayOrderOf(told, 0)).toBe('dmy');
    expect(dayOrderOf(told, 1)).toBeUndefined();
    expect(writeDays(told, [0, 2], '').map((x) => x.transform)).toEqual([
      undefined,
      'if_blank',
      undefined,
      undefined,
    ]);
  });
  it('knows secrets by name', () => {
    for (const n of ['Password', 'SIP Password', 'pin', 'API secret', 'Passwd'])
      expect(isSecret(col(n))).toBe(true);
    for (const n of ['Company', 'Shipping', 'Passport number', 'Spin']) expect(isSecret(col(n))).toBe(false);
  });
  it('marks unsure guesses', () => {
    const c = { ...col('Acct'), suggested: { field: 'reference', confidence: 0.6 } };
    expect(isGuess(c, 'reference')).toBe(true);
    expect(isGuess(c, 'name')).toBe(false);
  });
  it('names columns like a spreadsheet', () => {
    expect([0, 25, 26, 701, 702].map(columnLetter)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
    expect(columnName(col(' '))).toBe('A');
  });
  it('tells a row without its secrets', () => {
    const columns = [col('Password', 0), col('Company', 1), col('City', 2)];
    expect(rowWords({ columns, mapping: [] }, ['s3cret', '', 'Oslo'])).toBe('Oslo');
    expect(
      rowWords({ columns, mapping: [{ column: 1, field: 'company' }] }, ['s3cret', 'Acme', 'Oslo']),
    ).toBe('Acme');
  });
  it('says what a run would lack', () => {
    const imp = {
      mode: 'upsert',
      match: ['reference', 'email'],
      mapping: [{ column: 0, field: 'email' }],
      defaults: {},
    } as unknown as Import;
    expect(lacksName(imp)).toBe(true);
    expect(missingMatch(imp)).toEqual(['reference']);
    expect(lacksName({ ...imp, mode: 'update' })).toBe(false);
  });
});
