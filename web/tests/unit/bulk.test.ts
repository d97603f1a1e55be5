import { describe, expect, it } from 'vitest';
import { changesBody, changesOf, lines, openLines } from '../../src/features/customers/list/bulkChanges';
import type { FieldDef } from '../../src/grid/model/types';

const fields: FieldDef[] = [
  { name: 'name', label: 'Name', type: 'text' },
  { name: 'city', label: 'City', type: 'text', bulk_ops: ['set', 'clear'] },
  {
    name: 'custom.seats',
    label: 'Seats',
    type: 'number',
    bulk_ops: ['set', 'clear', 'increase', 'decrease'],
  },
  { name: 'groups', label: 'Groups', type: 'multiref', bulk_ops: ['add', 'remove', 'set'] },
];

describe('bulk changes', () => {
  it('shows every field that may change, and nothing changes by itself', () => {
    expect(lines(fields, {}).map((l) => l.key)).toEqual(['city', 'custom.seats', 'groups']);
    expect(changesOf(fields, {})).toEqual([]);
    expect(changesOf(fields, { city: { op: 'preserve', value: 'Oslo' } })).toEqual([]);
  });

  it('sends what is said, and no value with clear', () => {
    const draft = { city: { op: 'clear', value: 'Oslo' }, 'custom.seats': { op: 'increase', value: '5' } };
    expect(changesBody(changesOf(fields, draft))).toEqual([
      { field: 'city', op: 'clear' },
      { field: 'custom.seats', op: 'increase', value: '5' },
    ]);
  });

  it('waits for a value', () => {
    const draft = { city: { op: 'set', value: ' ' } };
    expect(changesOf(fields, draft)).toEqual([]);
    expect(openLines(fields, draft)).toEqual(['city']);
  });

  it('adds to groups and removes from others at once', () => {
    const draft = { groups: { op: 'add', value: ['grp_1'] }, 'groups+': { op: 'remove', value: ['grp_2'] } };
    expect(lines(fields, draft).map((l) => l.key)).toContain('groups+');
    expect(changesOf(fields, draft)).toEqual([
      { field: 'groups', op: 'add', value: ['grp_1'] },
      { field: 'groups', op: 'remove', value: ['grp_2'] },
    ]);
    const set = { groups: { op: 'set', value: ['grp_1'] }, 'groups+': { op: 'remove', value: ['grp_2'] } };
    expect(changesOf(fields, set)).toHaveLength(1);
  });
});
