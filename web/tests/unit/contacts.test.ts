import { describe, expect, it } from 'vitest';
import type { Contact } from '../../src/api/types';
import { blankValues, filled, networksOf, toBody, toValues } from '../../src/features/contacts/model';

const contact = {
  name: 'Kari',
  email: 'kari@example.org',
  role: 'billing',
  allowed_ips: ['192.0.2.0/24', '2001:db8::/32'],
  email_verified: true,
} as Contact;

describe('the form of a contact', () => {
  it('takes networks as people write them', () => {
    expect(networksOf(' 192.0.2.0/24,\n2001:db8::/32;  198.51.100.9\n')).toEqual([
      '192.0.2.0/24',
      '2001:db8::/32',
      '198.51.100.9',
    ]);
    expect(networksOf(' \n')).toEqual([]);
    expect(toBody(toValues(contact), ['allowed_ips'], [])).toEqual({ allowed_ips: contact.allowed_ips });
  });

  it('shows private notes only to those who got them', () => {
    expect('private_notes' in toValues(contact)).toBe(false);
    expect(toValues({ ...contact, private_notes: '' }).private_notes).toBe('');
    expect('private_notes' in blankValues(false)).toBe(false);
  });

  it('insists only on what is sent', () => {
    const values = { ...blankValues(true), name: ' Kari ', private_notes: 'PIN 1', email_verified: true };
    expect(filled(values)).toEqual(['name', 'role', 'private_notes', 'email_verified']);
    expect(toBody(values, ['private_notes'], ['private_notes', 'public_notes'])).toEqual({
      private_notes: 'PIN 1',
      insist: ['private_notes'],
    });
    expect(toBody(values, ['name'], ['private_notes'])).toEqual({ name: 'Kari' });
  });
});
