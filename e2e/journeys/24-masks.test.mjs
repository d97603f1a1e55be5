// Fields that a role hides: somebody works with customers all day and never sees a telephone number.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, choose, columns, dialog, fill, rows } from '../lib/ui.mjs';

const desk = { name: 'Dora Desk', email: 'dora@example.net', password: 'a desk without numbers' };

journey('masks', {}, (step, j) => {
  let fjord, ola, page;
  const main = () => page.getByRole('main');

  step('an admin makes a role that hides telephone numbers', async () => {
    fjord = await j.api('POST', '/customers', {
      company: 'Fjord Fisk',
      email: 'post@fjord.example',
      telephone: '+4722995494',
      billing_type: 'prepaid',
    });
    ola = await j.api('POST', `/customers/${fjord.id}/contacts`, {
      name: 'Ola Nordmann',
      email: 'ola@fjord.example',
      mobile: '+4740612345',
      role: 'owner',
    });
    await j.api('POST', '/views', {
      target: 'customers',
      name: 'In Oslo by number',
      shared: true,
      filter: { field: 'telephone', op: 'starts', value: '+472299' },
    });
    const { page: admin } = j;
    await admin.goto('/settings/roles/new?copy=support');
    await fill(admin, { Name: 'Front desk' });
    await admin.getByRole('checkbox', { name: 'Telephone numbers of customers and of their contacts.' }).check();
    await button(admin, 'Make a role').click();
    await admin.getByRole('heading', { level: 1, name: 'Front desk' }).waitFor();
    assert.ok(
      await admin.getByRole('checkbox', { name: /^Telephone numbers/ }).isChecked(),
      'the role keeps what it hides',
    );
    await j.api('POST', '/staff', { ...desk, roles: ['front_desk'] });
  });

  step('the list, the search and the filter know no numbers', async () => {
    page = await j.person({ email: desk.email, password: desk.password });
    await page.goto('/customers');
    await rows(page, 1);
    assert.ok(!(await columns(page)).includes('Telephone'), 'no column of numbers');
    await page.goto('/customers?q=22995');
    await rows(page, 0);
    await page.goto('/customers?q=fjord');
    await rows(page, 1);
    await main().getByRole('button', { name: 'Views' }).click();
    const view = page.getByRole('menuitem', { name: /In Oslo by number/ });
    await view.getByText('Uses a field that your role does not show you.').waitFor();
    assert.ok(await view.isDisabled(), 'a view by a number is of no use');
    await page.keyboard.press('Escape');
  });

  step('a customer is changed without its number being seen or lost', async () => {
    await page.goto(`/customers/${fjord.id}`);
    await main().getByText('Hidden for your role').first().waitFor();
    assert.equal(await page.getByText('22995494').count(), 0);
    await page.goto(`/customers/${fjord.id}/edit`);
    const number = page.getByLabel('Telephone', { exact: true });
    await number.waitFor();
    assert.ok(await number.isDisabled(), 'the number cannot be written');
    await fill(page, { City: 'Bergen' });
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    const kept = await j.api('GET', `/customers/${fjord.id}`);
    assert.deepEqual([kept.city, kept.telephone], ['Bergen', '+4722995494']);
  });

  step('nor do the contact and the history tell one', async () => {
    await j.api('PATCH', `/contacts/${ola.id}`, { mobile: '+4740612346' });
    await page.goto(`/contacts/${ola.id}`);
    await main().getByText('Hidden for your role').first().waitFor();
    const found = await page.context().request.get('/api/v1/audit-entries?limit=100');
    const text = await found.text();
    assert.ok(text.includes('"masked":true') && !/4061234|22995494/.test(text), 'the history hides values');
  });

  step('the admin is told why', async () => {
    const { page: admin } = j;
    const dora = (await j.api('GET', '/staff')).items.find((s) => s.email === desk.email);
    await admin.goto(`/settings/staff/${dora.id}/why`);
    await choose(admin, 'What it is about', 'Telephone numbers of customers and of their contacts.');
    await admin.getByText('It is hidden from Dora Desk.').waitFor();
    await admin.getByText('Hidden by: Front desk.').waitFor();
  });

  step('with the mask taken off, numbers are there', async () => {
    const { page: admin } = j;
    const role = await j.api('GET', '/roles/front_desk');
    await admin.goto(`/settings/roles/${role.id}`);
    await admin.getByRole('checkbox', { name: /^Telephone numbers/ }).uncheck();
    await button(admin, 'Save').click();
    await admin.getByText(/It counts at once/).first().waitFor();
    await page.goto(`/customers/${fjord.id}`);
    await main().getByText('+4722995494').first().waitFor();
    assert.equal(await dialog(page).count(), 0);
  });
});
