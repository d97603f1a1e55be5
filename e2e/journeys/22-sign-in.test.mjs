// More than a password: a role that requires a second factor, and providers that vouch for staff.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { issuer } from '../lib/issuer.mjs';
import { journey } from '../lib/journey.mjs';
import { code } from '../lib/totp.mjs';
import { at, button, dialog, fill } from '../lib/ui.mjs';

const vera = {
  name: 'Vera Vask',
  email: 'vera@example.net',
  password: 'reads every single mail',
};

journey('a second factor that a role requires', {}, (step, j) => {
  let worker;
  const require = async (page, on) => {
    await page.goto('/settings/roles/support');
    const box = page.getByRole('switch', { name: 'Require a second factor' });
    await box.setChecked(on);
    await button(page, 'Save').click();
    await page
      .getByText(/was saved/)
      .first()
      .waitFor();
  };

  step('an admin requires it of a role that somebody works under', async () => {
    const { page } = j;
    await j.api('POST', '/staff', { role: 'support', ...vera });
    worker = await j.person({ email: vera.email, password: vera.password });
    await worker.goto('/customers');
    await worker.getByRole('heading', { level: 1 }).waitFor();
    await require(page, true);
    await page.goto('/settings/roles');
    await page.getByText('Requires a second factor').waitFor();
  });

  step('who is at work is led to set one up, and nowhere else', async () => {
    await worker.getByRole('link', { name: 'Groups' }).first().click();
    await at(worker, '/set-second-factor');
    await worker.goto('/customers');
    await at(worker, '/set-second-factor');
    const answer = await worker.context().request.get('/api/v1/customers');
    assert.equal(answer.status(), 403);
    assert.equal((await answer.json()).code, 'set_second_factor');
  });

  step('and goes on once it is', async () => {
    await button(worker, 'Set up an authenticator app').click();
    await fill(dialog(worker), { 'Current password': vera.password });
    await button(dialog(worker), 'Next').click();
    await worker.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor();
    const key = await dialog(worker).locator('code').innerText();
    await fill(dialog(worker), { Code: code(key) });
    await button(dialog(worker), 'Set up').click();
    await dialog(worker).getByRole('listitem').nth(9).waitFor();
    await button(worker, 'I have kept them').click();
    await at(worker, '/customers');
    await worker.goto('/account');
    await worker.getByText('Your role requires a second factor', { exact: false }).waitFor();
    await button(worker, 'Remove the authenticator app').click();
    await fill(dialog(worker), { 'Current password': vera.password });
    await dialog(worker).getByRole('button', { name: 'Remove the authenticator app' }).click();
    await dialog(worker).getByText('this is the last one', { exact: false }).waitFor();
  });

  step('an admin who requires it of their own role is not shut out', async () => {
    const { page } = j;
    await page.goto('/settings/roles/admin');
    await page.getByRole('switch', { name: 'Require a second factor' }).check();
    await button(page, 'Save').click();
    await at(page, '/set-second-factor');
    await button(page, 'Set up an authenticator app').click();
    await fill(dialog(page), { 'Current password': j.server.password });
    await button(dialog(page), 'Next').click();
    await fill(dialog(page), {
      Code: code(await dialog(page).locator('code').innerText()),
    });
    await button(dialog(page), 'Set up').click();
    await button(page, 'I have kept them').click();
    await at(page, '/customers');
  });
});

const elsewhere = await issuer();
after(() => elsewhere.close());

journey('staff sign in through a provider', {}, (step, j) => {
  let visitor;
  const come = async (answer = 'It is me') => {
    await visitor.goto('/sign-in');
    await button(visitor, 'Sign in with Elsewhere').click();
    await visitor.getByRole('link', { name: answer }).click();
  };

  step('an admin trusts one', async () => {
    const { page } = j;
    await j.api('POST', '/staff', {
      name: vera.name,
      email: vera.email,
      role: 'support',
    });
    await page.goto('/settings/sign-in');
    await button(page, 'Add provider').click();
    await fill(dialog(page), {
      Name: 'Elsewhere',
      Issuer: elsewhere.url,
      'Client ID': elsewhere.client.id,
      'Client secret': elsewhere.client.secret,
    });
    await dialog(page).getByRole('button', { name: 'Add provider' }).click();
    await page.getByRole('cell', { name: 'Elsewhere', exact: true }).waitFor();
  });

  step('Vera, who has no password here, comes in by it', async () => {
    elsewhere.person = {
      sub: 'v-1',
      email: vera.email,
      email_verified: true,
      name: vera.name,
    };
    visitor = await j.person({ signIn: false });
    await come();
    await at(visitor, '/customers');
    await visitor.goto('/account');
    await visitor.getByRole('cell', { name: 'Elsewhere', exact: true }).waitFor();
  });

  step('a page that she wanted to see is where she lands', async () => {
    await visitor.context().clearCookies();
    await visitor.goto('/groups');
    await at(visitor, '/sign-in');
    await button(visitor, 'Sign in with Elsewhere').click();
    await visitor.getByRole('link', { name: 'It is me' }).click();
    await at(visitor, '/groups');
  });

  step('whoever is nobody here, or was turned away there, reads why', async () => {
    await visitor.context().clearCookies();
    elsewhere.person = {
      sub: 'x-1',
      email: 'who@example.net',
      email_verified: true,
    };
    await come();
    await visitor.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await visitor.getByText('nobody works here under your address', { exact: false }).waitFor();
    assert.equal(new URL(visitor.url()).search, '', 'the code is taken out of the address');
    await come('No');
    await visitor.getByText('did not sign you in', { exact: false }).waitFor();
    assert.equal(await visitor.locator('img[src="x"]').count(), 0);
    await visitor.getByRole('link', { name: 'Back to the sign-in page' }).click();
    await at(visitor, '/sign-in');
  });

  step('an admin takes the link away, and with it her session', async () => {
    const { page } = j;
    elsewhere.person = { sub: 'v-1', email: vera.email, email_verified: true };
    await come();
    await at(visitor, '/customers');
    await page.goto('/settings/staff');
    await button(page, 'Actions for Vera Vask').click();
    await page.getByRole('menuitem', { name: 'Sign-ins and second factor' }).click();
    await button(dialog(page), 'Remove the link to Elsewhere').click();
    await button(dialog(page), 'Remove the link to Elsewhere').waitFor({
      state: 'hidden',
    });
    const answer = await visitor.context().request.get('/api/v1/session');
    assert.equal(answer.status(), 401);
  });

  step('passwords are for emergencies alone, when it is said so', async () => {
    const { page } = j;
    await page.goto('/settings/sign-in');
    await page.getByRole('switch', { name: 'Staff sign in through a provider only' }).check();
    await page
      .getByRole('switch', {
        name: 'Staff sign in through a provider only',
        checked: true,
      })
      .waitFor();
    await j.api('POST', '/staff', {
      name: 'Sue',
      email: 'sue@example.net',
      role: 'support',
      password: vera.password,
    });
    await visitor.goto('/sign-in');
    await fill(visitor, {
      'E-mail': 'sue@example.net',
      Password: vera.password,
    });
    await button(visitor, 'Sign in').click();
    await visitor
      .getByText('Staff sign in through a sign-in provider here', {
        exact: false,
      })
      .waitFor();
    await fill(visitor, {
      'E-mail': j.server.email,
      Password: j.server.password,
    });
    await button(visitor, 'Sign in').click();
    await at(visitor, '/customers');
  });
});
