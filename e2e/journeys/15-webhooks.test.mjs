// Another system is told what happens: a webhook is made, tried, filtered, fails, is sent again, and gets a new secret.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { receiver } from '../lib/receiver.mjs';
import { at, button, choose, dialog, fill, rows, until } from '../lib/ui.mjs';

const other = await receiver();
after(() => other.close());
const settings = { TANDEM_WEBHOOK_ALLOW: '127.0.0.0/8', TANDEM_WEBHOOK_HTTP: 'true' };

journey('webhooks', { env: settings }, (step, j) => {
  let secret, page_;
  const shown = async (title) => {
    await dialog(j.page).getByRole('heading', { name: title }).waitFor();
    const text = await dialog(j.page).getByLabel('Secret').inputValue();
    assert.match(text, /^whsec_/);
    await button(dialog(j.page), 'I have kept it').click();
    return text;
  };
  const came = (n) => until(async () => other.messages.length, n, 'messages at the receiver');
  const customer = (name, country) =>
    j.api('POST', '/customers', { kind: 'customer', company: name, billing_type: 'prepaid', country });
  const more = async (item) => {
    await j.page.getByRole('main').getByRole('button', { name: 'More', exact: true }).first().click();
    await j.page.getByRole('menuitem', { name: item }).click();
  };

  step('an address inside is refused, and what is missing is told', async () => {
    const { page } = j;
    await page.goto('/settings/webhooks');
    await page.getByText('No webhooks yet').waitFor();
    await button(page, 'Add webhook').first().click();
    await fill(dialog(page), { 'Address of the receiver': 'https://10.0.0.1/' });
    await button(dialog(page), 'Create webhook').click();
    await dialog(page).getByText('Nothing is sent to 10.0.0.1').waitFor();
    await dialog(page).getByText('Choose at least one event.').waitFor();
  });

  step('made for customers of one country, its secret is shown once', async () => {
    const { page } = j;
    await fill(dialog(page), { 'Address of the receiver': other.url, Description: 'Accounting' });
    await dialog(page).getByRole('checkbox', { name: 'Customers', exact: true }).check();
    await dialog(page).getByRole('checkbox', { name: 'Group created' }).check();
    await button(dialog(page), 'Filter…').click();
    const form = page.getByRole('form', { name: 'Filter' });
    await choose(form, 'Field', 'Country');
    await choose(form, 'Value', 'Norway (NO)');
    await button(form, 'Apply').click();
    await form.waitFor({ state: 'detached' });
    await dialog(page).getByText('Country').waitFor();
    await button(dialog(page), 'Create webhook').click();
    secret = await shown('The secret of the webhook');
    await page.waitForURL(/\/settings\/webhooks\/whk_/);
    page_ = page.url();
    await page.getByRole('heading', { level: 1, name: 'Accounting' }).waitFor();
    await page.getByText('Nothing was sent yet').waitFor();
    assert.ok(!(await page.content()).includes(secret));
  });

  step('a test arrives, signed, and the console shows what was sent and answered', async () => {
    const { page } = j;
    await button(page, 'Send a test').click();
    await page.waitForURL(/\/deliveries\/whd_/);
    await page.getByText('Delivered', { exact: true }).waitFor();
    await came(1);
    assert.equal(other.messages[0].event.type, 'webhook.test');
    assert.ok(other.verified(other.messages[0], secret));
    await page.getByText('Text answered').click();
    await page.getByText('seen', { exact: true }).waitFor();
  });

  step('of customers, those that the filter lets through are told', async () => {
    await customer('Sverige Tele', 'SE');
    const told = await customer('Norge Tele', 'NO');
    await j.api('POST', '/groups', { name: 'Harbour', type: 'client' });
    await came(3);
    const types = other.messages.slice(1).map((m) => m.event.type);
    assert.deepEqual(types.sort(), ['customer.created', 'group.created']);
    const { event } = other.messages.find((m) => m.event.type === 'customer.created');
    assert.equal(event.row_id, told.id);
    assert.equal(event.data.name, 'Norge Tele');
  });

  step('a receiver that fails is shown; what failed is sent again by hand', async () => {
    const { page } = j;
    other.answer = 500;
    await customer('Bergen Bredband', 'NO');
    await page.goto(page_);
    await page.getByText('Failing', { exact: true }).first().waitFor();
    await rows(page, 4);
    other.answer = 200;
    // The second attempt comes by itself, after five seconds.
    await page.getByText('Failing', { exact: true }).first().waitFor({ state: 'detached' });
    const before = other.messages.length;
    const tries = other.messages.filter((m) => m.event.data?.name === 'Bergen Bredband');
    assert.equal(new Set(tries.map((m) => m.headers['webhook-id'])).size, 1);
    assert.equal(new Set(tries.map((m) => m.text)).size, 1);
    await page.getByRole('grid').getByText('Customer created').first().click();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/deliveries\/whd_/);
    await button(page, 'Send again').click();
    await came(before + 1);
    assert.equal(other.messages.at(-1).headers['webhook-id'], tries[0].headers['webhook-id']);
  });

  step('with a new secret, both sign', async () => {
    const { page } = j;
    await page.goto(page_);
    await more('Roll secret');
    await button(dialog(page), 'Roll secret').click();
    const next = await shown('The new secret');
    assert.notEqual(next, secret);
    const before = other.messages.length;
    await customer('Tromsø Telefoni', 'NO');
    await came(before + 1);
    assert.ok(other.verified(other.messages.at(-1), secret) && other.verified(other.messages.at(-1), next));
    await page.getByText('The old secret signs until').waitFor();
  });

  step('paused, events wait; removed, it is gone', async () => {
    const { page } = j;
    await more('Pause');
    await button(dialog(page), 'Pause').click();
    await page.getByText('Paused', { exact: true }).first().waitFor();
    const before = other.messages.length;
    await customer('Bodø Breiband', 'NO');
    await until(
      async () => (await j.api('GET', new URL(page_).pathname.replace('/settings', ''))).waiting,
      1,
      'what waits',
    );
    assert.equal(other.messages.length, before);
    await button(page, 'Activate').click();
    await came(before + 1);
    await more('Remove');
    await button(dialog(page), 'Remove').click();
    await at(page, '/settings/webhooks');
    await page.getByText('No webhooks yet').waitFor();
  });

  step('who may not, sees nothing of it', async () => {
    await j.api('POST', '/staff', {
      name: 'Rita',
      email: 'rita@example.net',
      role: 'read_only',
      password: 'only looking around here',
    });
    const page = await j.person({ email: 'rita@example.net', password: 'only looking around here' });
    await page.goto('/settings/webhooks');
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Webhooks' }).count(), 0);
    const answer = await page.context().request.get('/api/v1/webhooks');
    assert.equal(answer.status(), 403);
  });
});
