// A newcomer: the set-up page, the empty list, the first customers, signing out and in.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, dialog, fill, path, rows, search, until, wrongFields } from '../lib/ui.mjs';

const me = { name: 'Ingrid Berg', email: 'ingrid@example.net', password: 'seven brown horses' };

journey('first run', { admin: false, signIn: false }, (step, j) => {
  step('an installation without people leads to the set-up page', async () => {
    const { page, server } = j;
    await page.goto('/');
    await at(page, '/setup');
    await page.goto(server.setupUrl.replace('localhost', new URL(server.url).hostname));
    await page.getByRole('heading', { name: 'Welcome to Tandem' }).waitFor();
    await fill(page, { 'Your name': me.name, 'E-mail': me.email, Password: 'short' });
    await button(page, 'Create and sign in').click();
    await page.getByText(/A password has at least/).waitFor();
    await fill(page, { Password: me.password });
    await button(page, 'Create and sign in').click();
    await at(page, '/customers');
  });

  step('the empty list offers the first things to do', async () => {
    const { page } = j;
    await page.getByText('No customers yet').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Import a file' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Create customer' }).first().waitFor();
  });

  step('the set-up page is closed from then on', async () => {
    const other = await j.person({ signIn: false });
    await other.goto(new URL(j.server.setupUrl).pathname + new URL(j.server.setupUrl).search);
    await other.getByRole('heading', { name: 'Already set up' }).waitFor();
    await j.close(other.context());
  });

  step('every wrong field is shown at once', async () => {
    const { page } = j;
    await page.getByRole('main').getByRole('link', { name: 'Create customer' }).first().click();
    await at(page, '/customers/new');
    await fill(page, { 'E-mail': 'not an address', Telephone: 'abc', 'Tax number': 'x'.repeat(61) });
    await button(page, 'Save and continue').click();
    await page.getByRole('alert').first().waitFor();
    await until(
      async () => (await wrongFields(page)).length,
      (n) => n >= 4,
      'wrong fields',
    );
    const wrong = await wrongFields(page);
    for (const name of ['email', 'telephone', 'tax_number'])
      assert.ok(wrong.includes(name), `${name} in ${wrong}`);
    assert.ok(wrong.includes('name') || wrong.includes('company'), `a name in ${wrong}`);
    assert.equal(path(page), '/customers/new');
  });

  step('fixed, it is saved, and the form is blank for the next', async () => {
    const { page } = j;
    await fill(page, {
      Company: 'Fjordlink AS',
      'E-mail': 'post@fjordlink.example',
      Telephone: '+4722334455',
      'Tax number': '',
    });
    await button(page, 'More ways to save').click();
    await page.getByRole('menuitem', { name: /Save and stay/ }).click();
    const said = page.getByRole('status').filter({ hasText: 'Created' });
    await said.waitFor();
    await said.getByRole('link', { name: 'Fjordlink AS' }).waitFor();
    assert.equal(await page.getByLabel('Company', { exact: true }).inputValue(), '');
    assert.equal(await page.getByLabel('E-mail', { exact: true }).inputValue(), '');
  });

  step('a duplicate is named, with a link to who has it', async () => {
    const { page } = j;
    await fill(page, { Company: 'Copycat', 'E-mail': 'POST@fjordlink.example' });
    await page.keyboard.press('Control+s');
    await page.getByLabel('E-mail', { exact: true }).and(page.locator('[aria-invalid="true"]')).waitFor();
    await page.locator('form').getByRole('link', { name: 'Fjordlink AS' }).waitFor();
  });

  step('save and continue returns to the list', async () => {
    const { page } = j;
    await fill(page, { Company: 'Kystnett', 'E-mail': 'hei@kystnett.example' });
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    await rows(page, 2);
    await page.getByRole('gridcell', { name: 'Kystnett' }).first().waitFor();
  });

  step('a form with unsaved changes is not left by mistake', async () => {
    const { page } = j;
    await page.goto('/providers/new');
    await fill(page, { Company: 'Half done' });
    await page
      .getByRole('navigation', { name: 'Main navigation' })
      .getByRole('link', { name: 'Groups' })
      .click();
    await dialog(page).getByRole('button', { name: 'Stay here' }).click();
    assert.equal(await page.getByLabel('Company', { exact: true }).inputValue(), 'Half done');
    await page
      .getByRole('navigation', { name: 'Main navigation' })
      .getByRole('link', { name: 'Groups' })
      .click();
    await dialog(page).getByRole('button', { name: 'Leave and lose them' }).click();
    await at(page, '/groups');
  });

  step('signing out ends the session; signing in goes on where it was', async () => {
    const { page } = j;
    await button(page, `Account of ${me.name}`).click();
    await button(page, 'Sign out').click();
    await at(page, '/sign-in');
    await page.goto('/groups');
    await at(page, '/sign-in');
    assert.equal(search(page).get('next'), '/groups');
    await fill(page, { 'E-mail': me.email, Password: 'wrong wrong wrong' });
    await button(page, 'Sign in').click();
    await page
      .getByRole('alert')
      .getByText(/password is wrong/)
      .waitFor();
    await fill(page, { Password: me.password });
    await button(page, 'Sign in').click();
    await at(page, '/groups');
  });

  step('too many wrong passwords lock an address for a time, and the page says so', async () => {
    const page = await j.person({ signIn: false });
    await page.goto('/sign-in');
    const alert = page.getByRole('alert');
    let status = 401;
    for (let tries = 0; tries < 12 && status !== 429; tries++) {
      await fill(page, { 'E-mail': 'nobody@example.net', Password: `guess number ${tries}` });
      const [answer] = await Promise.all([
        page.waitForResponse((r) => r.url().endsWith('/api/v1/session') && r.request().method() === 'POST'),
        button(page, 'Sign in').click(),
      ]);
      status = answer.status();
    }
    assert.equal(status, 429, 'the address is locked');
    await alert.getByText(/too many|wait|try again|later/i).waitFor();
    await j.close(page.context());
  });
});
