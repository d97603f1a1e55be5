// A stranger becomes a customer: the operator opens the door, a mail brings a link, the link an account that waits.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { mailbox } from '../lib/mailbox.mjs';
import { at, button, choose, fill, fits } from '../lib/ui.mjs';

const ada = { name: 'Ada Lovelace', email: 'ada@kunde.example', password: 'fish and fresh bread' };
const box = await mailbox();
after(() => box.close());

journey('sign-up', { mail: box.port }, (step, j) => {
  let visitor, like;

  step('nobody signs up until the operator opens the door', async () => {
    visitor = await j.person({ signIn: false });
    await visitor.goto('/portal/sign-in');
    await visitor.getByRole('link', { name: 'Forgot' }).waitFor();
    assert.equal(await visitor.getByRole('link', { name: 'Create an account' }).count(), 0);
    await visitor.goto('/portal/sign-up');
    await visitor.getByText('Accounts cannot be created here.').waitFor();
  });

  step('who opens it needs a template, which stays while it is used', async () => {
    const { page } = j;
    like = await j.api('POST', '/customers', {
      company: 'Template Ltd',
      billing_type: 'postpaid',
      currency: 'NOK',
      status: 'active',
    });
    await page.goto('/settings/branding');
    await page.getByRole('switch', { name: 'People can create an account' }).check({ force: true });
    await button(page, 'Save sign-up').click();
    await page.getByText('Choose the customer', { exact: false }).waitFor();
    await choose(page, 'Template customer', 'Template Ltd');
    await fill(page, { 'Terms (address)': 'https://nordlys.example/terms' });
    await button(page, 'Save sign-up').click();
    await page.getByText('Sign-up is saved.').waitFor();
    await assert.rejects(j.api('DELETE', `/customers/${like.id}`));
  });

  step('a stranger asks for an account and looks into the mailbox', async () => {
    await visitor.goto('/portal/sign-in');
    await visitor.getByRole('link', { name: 'Create an account' }).click();
    await at(visitor, '/portal/sign-up');
    await visitor.setViewportSize({ width: 360, height: 740 });
    await fits(visitor, 'sign-up on a phone');
    await fill(visitor, {
      'Your name': ada.name,
      'E-mail': ada.email,
      Password: 'password1234',
      'Password again': 'password1234',
    });
    await button(visitor, 'Create an account').click();
    await visitor.getByText('The terms have to be accepted.').waitFor();
    await visitor.getByText('among the first that are tried', { exact: false }).waitFor();
    await visitor.getByRole('checkbox').check();
    await fill(visitor, { Password: ada.password, 'Password again': ada.password });
    await button(visitor, 'Create an account').click();
    await visitor.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    assert.equal((await j.api('GET', `/customers?q=${encodeURIComponent(ada.name)}`)).items.length, 0);
  });

  step('the link opens the account, signs nobody in, and works once', async () => {
    const mail = await box.next(ada.email);
    const link = /http:\S+\/portal\/sign-up\/confirm#token=[\w-]+/.exec(mail.text)?.[0];
    assert.ok(link, mail.text);
    await visitor.goto(link);
    await fill(visitor, { 'The password that you chose': 'not what I chose' });
    await button(visitor, 'Open the account').click();
    await visitor.getByText('This is not the password that was chosen', { exact: false }).waitFor();
    await fill(visitor, { 'The password that you chose': ada.password });
    await button(visitor, 'Open the account').click();
    await visitor.getByRole('heading', { name: 'Your account is open' }).waitFor();
    assert.ok(!visitor.url().includes('token'), 'the token is not left in the address');
    const other = await j.person({ signIn: false });
    await other.goto(link);
    await fill(other, { 'The password that you chose': ada.password });
    await button(other, 'Open the account').click();
    await other.getByText('This link was used', { exact: false }).waitFor();
    await visitor.getByRole('link', { name: 'Sign in' }).click();
    await at(visitor, '/portal/sign-in');
    assert.equal(await visitor.getByRole('textbox', { name: 'E-mail' }).inputValue(), ada.email);
    await fill(visitor, { Password: ada.password });
    await button(visitor, 'Sign in').click();
    await at(visitor, '/portal');
    await visitor.getByText('Your registration is waiting for our approval.').waitFor();
  });

  step('staff are told, see what came, and approve it', async () => {
    const { page } = j;
    await page.goto('/customers');
    await button(page, '1 unread notice').click();
    await page.getByText('A sign-up waits for approval').waitFor();
    const [made] = (await j.api('GET', `/customers?q=${encodeURIComponent(ada.name)}`)).items;
    assert.equal(made.status, 'pending');
    assert.equal(made.billing_type, 'postpaid');
    assert.equal(made.currency, 'NOK');
    await j.api('PATCH', `/customers/${made.id}`, { status: 'active' });
    await visitor.reload();
    await visitor.getByText('Your registration is waiting for our approval.').waitFor({ state: 'detached' });
    const log = JSON.stringify(await j.api('GET', '/audit-entries?limit=50'));
    assert.ok(log.includes('Signed up') && !log.includes(ada.password));
  });

  step('who has an account is told so by mail alone', async () => {
    const again = await j.person({ signIn: false });
    await again.goto('/portal/sign-up');
    await fill(again, {
      'Your name': 'Eve',
      'E-mail': ada.email,
      Password: 'another fine sentence',
      'Password again': 'another fine sentence',
    });
    await again.getByRole('checkbox').check();
    await button(again, 'Create an account').click();
    await again.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    const mail = await box.next(ada.email);
    assert.match(mail.text, /There is one already/);
    assert.ok(!mail.text.includes('token'));
  });
});
