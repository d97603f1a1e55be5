// Mails that people get: an invitation, a forgotten password, a letter to a customer; and where staff see them.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { linkIn, mailbox } from '../lib/mailbox.mjs';
import { at, button, choose, dialog, fill, rows } from '../lib/ui.mjs';

const vera = { name: 'Vera Vask', email: 'vera@example.net', password: 'reads every single mail' };
const box = await mailbox();
after(() => box.close());

journey('e-mails', { mail: box.port }, (step, j) => {
  const setPassword = async (page, link, password) => {
    await page.goto(link);
    await fill(page, { 'New password': password, 'New password again': password });
    await button(page, 'Set password').click();
    await page.getByRole('heading', { name: 'Password set' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).or(button(page, 'Sign in')).first().click();
    await at(page, '/sign-in');
  };
  const signIn = async (page, password) => {
    await fill(page, { 'E-mail': vera.email, Password: password });
    await button(page, 'Sign in').click();
    await at(page, '/customers');
  };

  let visitor, invitation;
  step('an invitation is mailed to a new person', async () => {
    const { page } = j;
    await page.goto('/settings/staff');
    await page.getByRole('main').getByRole('button', { name: 'Add staff user' }).click();
    await fill(dialog(page), { Name: vera.name, 'E-mail': vera.email });
    await choose(dialog(page), 'Roles', 'Manager');
    await dialog(page).getByRole('button', { name: 'Add staff user' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    const mail = await box.next(vera.email);
    assert.match(mail.subject, /^Your account at /);
    invitation = linkIn(mail);
  });

  step('who opens it sets a password and signs in', async () => {
    visitor = await j.person({ signIn: false });
    await setPassword(visitor, invitation, vera.password);
    await signIn(visitor, vera.password);
  });

  step('the history has the mail and not its link; sent again, it has a new one', async () => {
    const { page } = j;
    await page.goto('/emails');
    await rows(page, 1);
    await page
      .getByRole('grid')
      .getByText(/^Your account at /)
      .click();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/emails\/eml_/);
    await page.getByText('Sent', { exact: true }).first().waitFor();
    const shown = await page.getByRole('main').innerText();
    assert.ok(shown.includes('•••') && !shown.includes('token='), shown);
    await page.frameLocator('iframe').getByText(`Hello ${vera.name},`).waitFor();
    const first = page.url();
    await button(page, 'Send again').click();
    await dialog(page).getByRole('button', { name: 'Send again' }).click();
    await page.waitForURL((url) => url.href !== first);
    const again = linkIn(await box.next(vera.email));
    assert.notEqual(again, invitation);
  });

  step('a forgotten password is set anew through a mail', async () => {
    await j.close(visitor.context());
    visitor = await j.person({ signIn: false });
    await visitor.goto('/sign-in');
    await visitor.getByRole('link', { name: 'Forgot your password?' }).click();
    for (const email of ['nobody@example.net', vera.email]) {
      await visitor.goto('/forgot-password');
      await fill(visitor, { 'E-mail': email });
      await button(visitor, 'Send me a link').click();
      await visitor.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    }
    const link = linkIn(await box.next(vera.email));
    await setPassword(visitor, link, 'another one, as long');
    assert.match((await box.next(vera.email)).subject, /was changed$/);
    await signIn(visitor, 'another one, as long');
    const used = new URL(link).searchParams.get('token');
    const twice = await visitor.context().request.post('/api/v1/session/set-password', {
      data: { token: used, password: 'a third one, as long' },
    });
    assert.equal(twice.status(), 422);
    await j.close(visitor.context());
  });

  step('a template is edited with a preview, put back, and tried out', async () => {
    const { page } = j;
    await page.goto('/settings/email-templates');
    await page.getByRole('link', { name: 'Message to a customer, English' }).click();
    await page.getByLabel('Subject', { exact: true }).fill('{{organization}}: {{subject}}');
    await page.getByText('Fjord & Sons: Your new line', { exact: true }).waitFor();
    await button(page, 'Save').click();
    await page.getByRole('cell', { name: 'Version 1', exact: true }).waitFor();
    await button(page, 'Test send').click();
    await fill(dialog(page), { To: 'try@example.net' });
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    assert.equal((await box.next('try@example.net')).subject, 'Fjord & Sons: Your new line');
    await button(page, 'Back to shipped').click();
    await dialog(page).getByRole('button', { name: 'Back to shipped' }).click();
    await page.getByRole('cell', { name: 'Version 2', exact: true }).waitFor();
    await button(page, 'Put back: Version 1').click();
    await button(page, 'Save').click();
    await page.getByRole('cell', { name: 'Version 3', exact: true }).waitFor();
  });

  step('a customer is written to, and their page tells it', async () => {
    const { page } = j;
    const customer = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Sildre Nett',
      email: 'post@sildre.example',
      billing_type: 'prepaid',
    });
    await page.goto(`/customers/${customer.id}/emails`);
    await button(page, 'Write an e-mail').click();
    await fill(dialog(page), { Subject: 'Your line', Text: 'We come on Monday.' });
    const bill = { name: 'Faktura mars æøå.txt', mimeType: 'text/plain', buffer: Buffer.from('42 kr.') };
    await page.setInputFiles('input[type=file]', bill);
    await dialog(page).getByRole('button', { name: 'Send', exact: true }).click();
    const mail = await box.next('post@sildre.example');
    assert.match(mail.text, /filename\*=utf-8''Faktura%20mars%20/i);
    assert.ok(mail.text.includes(bill.buffer.toString('base64')));
    assert.match(mail.subject, /: Your line$/);
    assert.match(mail.text, /We come on Monday\./);
    await page
      .getByRole('grid')
      .getByText(/: Your line$/)
      .waitFor();
    await rows(page, 1);
    await page
      .getByRole('grid')
      .getByText(/: Your line$/)
      .dblclick();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: bill.name }).click(),
    ]);
    assert.equal(file.suggestedFilename(), bill.name);
  });

  step('nothing goes to an address that is suppressed', async () => {
    const { page } = j;
    await page.goto('/settings/suppressions');
    await button(page, 'Suppress an address').click();
    await fill(dialog(page), { Address: vera.email, Why: 'Left us' });
    await dialog(page).getByRole('button', { name: 'Suppress an address' }).click();
    await rows(page, 1);
    const staff = await j.api('GET', '/staff');
    const one = staff.items.find((s) => s.email === vera.email);
    await j.api('POST', `/staff/${one.id}/invitation`);
    const mails = await j.api('GET', '/emails?limit=1');
    assert.equal(mails.items[0].state, 'suppressed');
    await button(page, `Release ${vera.email}`).click();
    await dialog(page).getByRole('button', { name: 'Send again to it' }).click();
    await page.getByText('No address is suppressed').waitFor();
  });
});
