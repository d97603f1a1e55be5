// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { sideJson, valueText } from '../../src/features/audit/valueText';
import { filled, toBody, transitions } from '../../src/features/customers/model';
import { same } from '../../src/form/useRecordForm';
import { formatsFor } from '../../src/i18n/format';

describe('customer form', () => {
  it('sends references as IDs, blank unique fields as null and custom fields together', () => {
    const body = toBody(
      {
        email: ' ',
        reference: 'R-1 ',
        reseller: { id: 'cus_1', name: 'X' },
        groups: ['grp_1'],
        'custom.seats': '12',
        'custom.note': '',
      },
      ['email', 'reference', 'reseller', 'groups', 'custom.seats', 'custom.note'],
      new Set(['seats']),
    );
    expect(body).toEqual({
      email: null,
      reference: 'R-1',
      reseller: 'cus_1',
      groups: ['grp_1'],
      custom: { seats: 12, note: null },
    });
  });

  it('leaves a number that is none for the server to explain', () => {
    expect(toBody({ 'custom.seats': 'many' }, ['custom.seats'], new Set(['seats']))).toEqual({
      custom: { seats: 'many' },
    });
  });

  it('sends only what was filled in', () => {
    expect(filled({ name: 'A', city: '', groups: [], reseller: null })).toEqual(['name']);
  });

  it('offers only the allowed changes of status', () => {
    expect(transitions.pending).toEqual(['active', 'closed']);
    expect(transitions.closed).toEqual(['inactive']);
    expect(transitions.active).not.toContain('pending');
  });
});

describe('same', () => {
  it('takes nothing, null and empty for one, and lists without their order', () => {
    expect(same('', null)).toBe(true);
    expect(same(['a', 'b'], ['b', 'a'])).toBe(true);
    expect(same(['a'], ['a', 'b'])).toBe(false);
    expect(same({ id: '1' }, null)).toBe(false);
  });
});

describe('audit', () => {
  it('writes values on one line and sides as JSON', () => {
    expect(valueText([{ name: 'Gold' }, 'North'])).toBe('Gold, North');
    expect(valueText(null)).toBe('');
    expect(JSON.parse(sideJson([{ field: 'a', old: 1, new: undefined }], 'new'))).toEqual({ a: null });
  });
});

describe('formats', () => {
  it('keeps the digits of money', () => {
    expect(formatsFor('en').money('9007199254740993.120000', 'EUR')).toContain('9,007,199,254,740,993.12');
    expect(formatsFor('en').money('0.000001', 'EUR')).toContain('0.000001');
  });

  it('names the zone of an instant and gives back what it cannot read', () => {
    expect(formatsFor('en').instant('2026-11-22T09:00:00Z')).toMatch(/UTC|GMT|CE|[A-Z]{2,}/);
    expect(formatsFor('en').instant('not a time')).toBe('not a time');
  });
});
