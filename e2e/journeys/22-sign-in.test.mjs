// More than a password: a role that requires a second factor.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { code } from '../lib/totp.mjs';
import { at, button, dialog, fill } from '../lib/ui.mjs';

const vera = { name: 'Vera Vask', email: 'vera@example.net', password: 'reads every single mail' };

journey('a second factor that a role requires', {}, (step, j) => {
  let worker;
  const require = async (page, on) => {
    await page.goto('/settings/roles/support');
    const box = page.getByRole('switch', { name: 'Require a second factor' });
    await box.setChecked(on);
    await button(page, 'Save').click();
    await page.getByText(/was saved/).first().waitFor();
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
    await fill(dialog(page), { Code: code(await dialog(page).locator('code').innerText()) });
    await button(dialog(page), 'Set up').click();
    await button(page, 'I have kept them').click();
    await at(page, '/customers');
  });
});
