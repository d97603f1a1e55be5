import { describe, expect, it } from 'vitest';
import {
  andWith,
  appendAt,
  countConditions,
  nodeAt,
  opsFor,
  prune,
  readFilter,
  refit,
  replaceAt,
  setJoiner,
  writeFilter,
} from './filter';
import type { Condition, FilterGroup } from './types';

const name: Condition = { field: 'name', op: 'contains', value: 'tele' };
const poor: Condition = { field: 'balance', op: 'lt', value: '0' };

describe('filter model', () => {
  it('drops what is unfinished and collapses groups of one', () => {
    const f: FilterGroup = {
      and: [name, { field: 'email', op: 'contains', value: '' }, { or: [{ and: [poor] }] }, { or: [] }],
    };
    expect(prune(f)).toEqual({ and: [name, poor] });
    expect(prune({ and: [{ field: 'x', op: 'between', value: ['1', ''] }] })).toBeNull();
    expect(prune({ and: [{ field: 'x', op: 'in', value: [] }] })).toBeNull();
  });

  it('keeps operators that take no value', () => {
    expect(prune({ and: [{ field: 'email', op: 'empty', value: 'left over' }] })).toEqual({
      and: [{ field: 'email', op: 'empty' }],
    });
  });

  it('survives the URL', () => {
    const f: FilterGroup = {
      and: [poor, { or: [name, { field: 'status', op: 'in', value: ['active', 'pending'] }] }],
    };
    expect(readFilter(writeFilter(f))).toEqual(f);
    expect(readFilter(f)).toEqual(f);
  });

  it('reads junk as no filter', () => {
    for (const junk of [
      '',
      '{',
      '[]',
      '1',
      'null',
      '{"and":1}',
      '{"field":"a","op":"drop table"}',
      7,
      undefined,
    ]) {
      expect(readFilter(junk)).toBeNull();
    }
    let deep: unknown = { field: 'a', op: 'eq', value: '1' };
    for (let i = 0; i < 50; i++) deep = { and: [deep] };
    expect(readFilter(deep)).toBeNull();
  });

  it('edits by path', () => {
    let f: FilterGroup = { and: [name] };
    f = appendAt(f, [], { or: [] });
    f = appendAt(f, [1], poor);
    f = appendAt(f, [1], name);
    expect(nodeAt(f, [1, 0])).toEqual(poor);
    f = setJoiner(f, [1], 'and');
    expect(f).toEqual({ and: [name, { and: [poor, name] }] });
    f = replaceAt(f, [1, 1], null);
    expect(countConditions(f)).toBe(2);
    expect(replaceAt(f, [0], null)).toEqual({ and: [{ and: [poor] }] });
  });

  it('adds to an or without breaking it', () => {
    expect(andWith({ or: [name, poor] }, poor)).toEqual({ and: [{ or: [name, poor] }, poor] });
    expect(andWith(null, poor)).toEqual({ and: [poor] });
  });

  it('fits a value to another operator', () => {
    expect(refit('a', 'in')).toEqual(['a']);
    expect(refit(['a', 'b'], 'eq')).toBe('a');
    expect(refit('5', 'between')).toEqual(['5', '']);
    expect(refit('5', 'empty')).toBeUndefined();
  });

  it('offers what the server allows in a familiar order', () => {
    expect(opsFor({ name: 'n', label: 'N', type: 'text', ops: ['eq', 'contains', 'starts'] })).toEqual([
      'starts',
      'contains',
      'eq',
    ]);
  });
});
