// One person, one sign-in: a contact is let in by mail, has a place of their own, and proves who they are in every way.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { linkIn, mailbox } from '../lib/mailbox.mjs';
import { at, button, dialog, fill } from '../lib/ui.mjs';

const ola = {
  name: 'Ola Nordmann',
  email: 'ola@kunde.example',
  password: 'fish and fresh bread',
};
const box = await mailbox();
after(() => box.close());

journey('people', { mail: box.port }, (step, j) => {
  let contact, visitor;
  const enter = async (page, password) => {
    await page.goto('/sign-in');
    await fill(page, { 'E-mail': ola.email, Password: password });
    await button(page, 'Sign in').click();
  };
  const customerWith = async (company, name) => {
    const customer = await j.api('POST', '/customers', {
      kind: 'customer',
      company,
      billing_type: 'prepaid',
    });
    return j.api('POST', `/customers/${customer.id}/contacts`, {
      name,
      email: ola.email,
      role: 'owner',
    });
  };

  step('staff mail a contact a link to set a password', async () => {
    const { page } = j;
    contact = await customerWith('Fjord Fisk', ola.name);
    await page.goto(`/contacts/${contact.id}`);
    await page.getByText('Not let in', { exact: true }).waitFor();
    await button(page, 'Password').click();
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByText('Let in, no password yet', { exact: true }).waitFor();
  });

  step('the contact sets it, signs in, and sees what is their own', async () => {
    const mail = await box.next(ola.email);
    assert.match(mail.subject, /^Your access to /);
    visitor = await j.person({ signIn: false });
    await visitor.goto(linkIn(mail));
    await fill(visitor, {
      'New password': ola.password,
      'New password again': ola.password,
    });
    await button(visitor, 'Set password').click();
    await visitor.getByRole('heading', { name: 'Password set' }).waitFor();
    await enter(visitor, ola.password);
    await at(visitor, '/portal');
    await visitor.getByRole('heading', { name: ola.name, level: 1 }).waitFor();
    await visitor.goto('/customers');
    await at(visitor, '/portal');
    const answer = await visitor.context().request.get('/api/v1/customers');
    assert.equal(answer.status(), 403);
  });

  step('a password that staff type is changed before anything else', async () => {
    const { page } = j;
    await page.reload();
    await page.getByText('Can sign in', { exact: true }).waitFor();
    await button(page, 'Password').click();
    await dialog(page).getByLabel('Type one').check();
    await fill(dialog(page), { 'New password': 'told on the telephone' });
    await button(dialog(page), 'Set password').click();
    await dialog(page).waitFor({ state: 'hidden' });
    assert.match((await box.next(ola.email)).subject, /was changed$/);
    await enter(visitor, 'told on the telephone');
    await at(visitor, '/change-password');
    await visitor.goto('/portal');
    await at(visitor, '/change-password');
    await fill(visitor, {
      'Current password': 'told on the telephone',
      'New password': ola.password,
      'New password again': ola.password,
    });
    await button(visitor, 'Change password').click();
    await at(visitor, '/portal');
    assert.match((await box.next(ola.email)).subject, /was changed$/);
  });

  step('whoever is known at two customers says where to', async () => {
    const { page } = j;
    const second = await customerWith('Sund Sild', 'Ola N.');
    await page.goto(`/customers/${second.customer.id}/contacts`);
    await button(page, 'Password of Ola N.').click();
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await box.next(ola.email);
    await enter(visitor, ola.password);
    await visitor.getByRole('heading', { name: 'Where to?' }).waitFor();
    await visitor.getByRole('button', { name: /Sund Sild/ }).click();
    await at(visitor, '/portal');
    await visitor.getByRole('heading', { name: 'Ola N.', level: 1 }).waitFor();
  });
});
