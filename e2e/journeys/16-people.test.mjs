// One person, one sign-in: a contact is let in by mail, has a place of their own, and proves who they are in every way.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { linkIn, mailbox } from '../lib/mailbox.mjs';
import { code } from '../lib/totp.mjs';
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

  const vera = { email: 'vera@example.net', password: 'reads every single mail' };
  let worker, key;
  step('a staff user sets up an authenticator app', async () => {
    await j.api('POST', '/staff', { name: 'Vera Vask', role: 'support', ...vera });
    worker = await j.person({ email: vera.email, password: vera.password });
    await worker.goto('/account');
    await button(worker, 'Set up an authenticator app').click();
    await fill(dialog(worker), { 'Current password': vera.password });
    await button(dialog(worker), 'Next').click();
    await worker.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    key = await dialog(worker).locator('code').innerText();
    await fill(dialog(worker), { Code: code(key) });
    await button(dialog(worker), 'Set up').click();
    await dialog(worker).getByRole('listitem').nth(9).waitFor();
    await button(worker, 'I have kept them').click();
    await worker.getByText('Set up. 10 recovery codes are left.', { exact: true }).waitFor();
  });

  step('and is asked for its code from then on', async () => {
    const other = await j.person({ signIn: false });
    await other.goto('/sign-in');
    await fill(other, { 'E-mail': vera.email, Password: vera.password });
    await button(other, 'Sign in').click();
    await other.getByRole('heading', { name: 'One more step' }).waitFor();
    await fill(other, { Code: '000000' });
    await button(other, 'Sign in').click();
    await other.getByRole('alert').waitFor();
    await fill(other, { Code: code(key, 1) }); // the one before was used to set it up
    await button(other, 'Sign in').click();
    await at(other, '/customers');
    // Where Vera is signed in: here and there; she ends it there.
    await worker.reload();
    await button(worker, 'Sign out everywhere else').click();
    await button(worker, 'Sign out everywhere else').waitFor({ state: 'hidden' });
    const answer = await other.context().request.get('/api/v1/session');
    assert.equal(answer.status(), 401);
  });

  step('an administrator takes the lost app away', async () => {
    const { page } = j;
    await page.goto('/settings/staff');
    await button(page, 'Actions for Vera Vask').click();
    await page.getByRole('menuitem', { name: 'Sign-ins and second factor' }).click();
    await button(dialog(page), 'Reset second factors').click();
    await button(dialog(page), 'Reset second factors').click();
    await page.getByText('Vera Vask signs in with the password alone now.').waitFor();
    assert.match((await box.next(vera.email)).subject, /^Your second factor at /);
  });
});

journey('passkeys', {}, (step, j) => {
  let visitor;
  const password = ola.password;
  const signedOut = async () => {
    await visitor.context().request.delete('/api/v1/session');
    await visitor.goto('/sign-in');
  };
  step('a contact adds a passkey', async () => {
    const customer = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Fjord Fisk',
      billing_type: 'prepaid',
    });
    const { id } = await j.api('POST', `/customers/${customer.id}/contacts`, {
      name: ola.name,
      email: ola.email,
    });
    await j.api('POST', `/contacts/${id}/password`, { mode: 'typed', password });
    // Passkeys belong to a name, never to an IP address.
    const baseURL = j.server.url.replace('127.0.0.1', 'localhost');
    visitor = await j.person({ signIn: false, baseURL });
    const devtools = await visitor.context().newCDPSession(visitor);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await visitor.goto('/sign-in');
    await fill(visitor, { 'E-mail': ola.email, Password: password });
    await button(visitor, 'Sign in').click();
    await at(visitor, '/portal');
    await visitor.goto('/portal/profile');
    await button(visitor, 'Add a passkey').click();
    await fill(dialog(visitor), { Name: 'Telephone', 'Current password': password });
    await button(dialog(visitor), 'Next').click();
    await visitor.getByRole('cell', { name: 'Telephone', exact: true }).waitFor();
  });

  step('and signs in with it, without a password', async () => {
    await signedOut();
    await button(visitor, 'Sign in with a passkey').click();
    await at(visitor, '/portal');
    await visitor.getByRole('heading', { name: ola.name, level: 1 }).waitFor();
  });

  step('until it is taken away', async () => {
    await visitor.goto('/portal/profile');
    await button(visitor, 'Remove the passkey Telephone').click();
    await button(dialog(visitor), 'Remove').click();
    await visitor.getByText('No passkeys yet.', { exact: true }).waitFor();
    await signedOut();
    await button(visitor, 'Sign in with a passkey').click();
    await visitor.getByText('This passkey was not accepted.', { exact: false }).waitFor();
  });
});
