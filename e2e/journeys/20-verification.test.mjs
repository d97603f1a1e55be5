// A contact proves that a mail address and a mobile number are theirs, with codes that nobody else can read.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { mailbox } from '../lib/mailbox.mjs';
import { receiver } from '../lib/receiver.mjs';
import { at, button, dialog, fill, fits, until } from '../lib/ui.mjs';

const box = await mailbox();
const gateway = await receiver();
after(() => Promise.all([box.close(), gateway.close()]));
const settings = { TANDEM_WEBHOOK_ALLOW: '127.0.0.0/8', TANDEM_WEBHOOK_HTTP: 'true' };
const ola = { name: 'Ola Nordmann', email: 'ola@kunde.example', password: 'fish and fresh bread' };

journey('verification', { mail: box.port, env: settings }, (step, j) => {
  let contact, secret, visitor, link, code;
  const texts = (n) => until(async () => gateway.messages.length, n, 'texts at the gateway');
  const part = (page, label) =>
    page
      .getByRole('region', { name: 'Verified addresses' })
      .getByText(label, { exact: true })
      .locator('../../..');

  step('an operator sets the gateway of texts and tries it', async () => {
    const { page } = j;
    await page.goto('/settings/texts');
    await fill(page, { Address: 'https://10.0.0.1/sms' });
    await button(page, 'Save').click();
    await page.getByText('Nothing is sent to 10.0.0.1').waitFor();
    await fill(page, { Address: gateway.url });
    await page.getByRole('switch', { name: 'Send texts' }).check({ force: true });
    await button(page, 'Save').click();
    await dialog(page).getByRole('heading', { name: 'The secret of the gateway' }).waitFor();
    secret = await dialog(page).getByLabel('Secret').inputValue();
    assert.match(secret, /^whsec_/);
    await button(dialog(page), 'I have kept it').click();
    await button(page, 'Test send').click();
    await fill(dialog(page), { 'Mobile number': '12345' });
    await button(dialog(page), 'Send').click();
    await dialog(page).getByText('not a telephone number', { exact: false }).waitFor();
    await fill(dialog(page), { 'Mobile number': '+4791234567' });
    await button(dialog(page), 'Send').click();
    await page.getByText('Sent to +4791234567').waitFor();
    await texts(1);
    assert.equal(gateway.messages[0].event.to, '+4791234567');
    assert.ok(gateway.verified(gateway.messages[0], secret));
    assert.ok(!(await page.content()).includes(secret));
  });

  step('a contact asks for a code at the portal, and the link in the mail fills it in', async () => {
    const customer = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Fjord Fisk',
      billing_type: 'prepaid',
      country: 'NO',
    });
    contact = await j.api('POST', `/customers/${customer.id}/contacts`, {
      name: ola.name,
      email: ola.email,
      mobile: '998 87 766',
      role: 'owner',
    });
    await j.api('POST', `/contacts/${contact.id}/password`, { mode: 'typed', password: ola.password });
    const first = await j.person({ signIn: false });
    await first.goto('/portal/profile');
    await at(first, '/portal/sign-in');
    await fill(first, { 'E-mail': ola.email, Password: ola.password });
    await button(first, 'Sign in').click();
    await at(first, '/portal/profile');
    await button(first, `Send a code to ${ola.email}`).click();
    await part(first, 'E-mail').getByRole('textbox', { name: 'Code' }).waitFor();
    const mail = await box.next(ola.email);
    link = /http:\S+#verify=email&code=\d{6}/.exec(mail.text)?.[0];
    assert.ok(link, mail.text);
    code = link.slice(-6);
    await j.close(first.context());
    // In another browser, where nobody is signed in yet.
    visitor = await j.person({ signIn: false });
    await visitor.goto(link);
    await at(visitor, '/portal/sign-in');
    assert.ok(!visitor.url().includes(code), 'the code is not left in the address');
    await fill(visitor, { 'E-mail': ola.email, Password: ola.password });
    await button(visitor, 'Sign in').click();
    await at(visitor, '/portal/profile');
    assert.equal(await part(visitor, 'E-mail').getByRole('textbox', { name: 'Code' }).inputValue(), code);
    await button(part(visitor, 'E-mail'), 'Verify').click();
    await visitor.getByText('Verified. Thank you.').waitFor();
    assert.ok((await j.api('GET', `/contacts/${contact.id}`)).email_verified);
  });

  step('a code goes to the mobile; a wrong one is refused, the right one is taken', async () => {
    await button(visitor, 'Send a code to +4799887766').click();
    await texts(2);
    const text = gateway.messages[1];
    assert.ok(gateway.verified(text, secret));
    assert.equal(text.event.to, '+4799887766');
    const right = /^\d{6}/.exec(text.event.text)[0];
    const wrong = (right[0] === '1' ? '2' : '1') + right.slice(1);
    await part(visitor, 'Mobile').getByRole('textbox', { name: 'Code' }).fill(wrong);
    await button(part(visitor, 'Mobile'), 'Verify').click();
    await visitor.getByText('This is not the code that was sent. Tries left: 4.').waitFor();
    await visitor.setViewportSize({ width: 360, height: 740 });
    await fits(visitor, 'the codes on a phone');
    await part(visitor, 'Mobile')
      .getByRole('textbox', { name: 'Code' })
      .fill(`${right.slice(0, 3)} ${right.slice(3)}`);
    await button(part(visitor, 'Mobile'), 'Verify').click();
    await part(visitor, 'Mobile').getByText('Verified', { exact: true }).waitFor();
    assert.ok((await j.api('GET', `/contacts/${contact.id}`)).mobile_verified);
    code = right;
  });

  step('staff see that it was sent, not what; another number is not verified', async () => {
    const { page } = j;
    const sent = await j.api('GET', '/emails?limit=10');
    const text = sent.items.find((e) => e.channel === 'sms');
    assert.equal(text.state, 'sent');
    await page.goto(`/emails/${text.id}`);
    await page.getByText('••• is your code', { exact: false }).first().waitFor();
    assert.ok(!(await page.content()).includes(code));
    const log = JSON.stringify(await j.api('GET', '/audit-entries?limit=50'));
    assert.ok(log.includes('Mobile number verified by a code') && !log.includes(code));
    await j.api('PATCH', `/contacts/${contact.id}`, { mobile: '+4791234567' });
    await page.goto(`/contacts/${contact.id}`);
    await button(page, 'Send a verification code to +4791234567').click();
    await page.getByText('A code is on its way to +4791234567', { exact: false }).waitFor();
    await texts(3);
    await visitor.reload();
    await part(visitor, 'Mobile').getByRole('textbox', { name: 'Code' }).waitFor();
  });
});
