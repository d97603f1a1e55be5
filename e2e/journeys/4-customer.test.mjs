// One customer: tabs, status, two people on one record, what blocks a delete, and the audit of it all.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, choose, dialog, fill, path, rows, until } from '../lib/ui.mjs';

journey('customer', {}, (step, j) => {
  let owner, owned;

  step('each tab is an address of its own', async () => {
    const { page } = j;
    owner = await j.api('POST', '/customers', {
      kind: 'reseller',
      company: 'Nordlys Telecom',
      billing_type: 'postpaid',
    });
    owned = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Havbris AS',
      billing_type: 'prepaid',
      email: 'post@havbris.example',
      city: 'Bodø',
      reseller: owner.id,
    });
    await page.goto(`/customers/${owned.id}`);
    await page.getByRole('heading', { level: 1, name: 'Havbris AS' }).waitFor();
    const tabs = page.getByRole('navigation', { name: 'Parts of this customer' });
    for (const [name, tab] of [
      ['Details', 'details'],
      ['Audit log', 'audit'],
      ['Main', ''],
    ]) {
      await tabs.getByRole('link', { name, exact: true }).click();
      await at(page, `/customers/${owned.id}${tab && `/${tab}`}`);
      await until(
        () => tabs.locator('[aria-current=page]').allInnerTexts().then(String),
        name,
        'the one tab that is current',
      );
    }
    await page.goto(`/customers/${owned.id}/audit`);
    await page.reload();
    await tabs
      .getByRole('link', { name: 'Audit log', exact: true })
      .and(page.locator('[aria-current=page]'))
      .waitFor();
    // The short number that people read out loud is an address as well.
    await page.goto(`/customers/${owned.customer_id}`);
    await page.getByRole('heading', { level: 1, name: 'Havbris AS' }).waitFor();
  });

  step('the status changes along what is allowed, with a reason', async () => {
    const { page } = j;
    await page.goto(`/customers/${owned.id}`);
    await button(page, 'Change status').click();
    assert.equal(
      await dialog(page)
        .getByRole('radio', { name: /^Pending/ })
        .count(),
      0,
      'active does not go back to pending',
    );
    await dialog(page)
      .getByRole('radio', { name: /^Inactive/ })
      .click();
    assert.ok(
      await dialog(page).getByRole('button', { name: 'Change status' }).isDisabled(),
      'a reason is asked for',
    );
    await fill(dialog(page), { Reason: 'Unpaid since May' });
    await dialog(page).getByRole('button', { name: 'Change status' }).click();
    await dialog(page).waitFor({ state: 'hidden' });
    await page.getByRole('main').getByText('Unpaid since May').first().waitFor();
    assert.equal((await j.api('GET', `/customers/${owned.id}`)).status, 'inactive');
  });

  step('two people on one record: the second sees both values and chooses', async () => {
    const { page } = j;
    const other = await j.person();
    for (const p of [page, other]) {
      await p.goto(`/customers/${owned.id}/edit`);
      await p.getByLabel('City', { exact: true }).waitFor();
    }
    await fill(other, { City: 'Tromsø', 'Tax number': 'NO 123 456 789' });
    await button(other, 'Save and continue').click();
    await at(other, '/customers');
    await fill(page, { City: 'Narvik', 'Postal code': '8514' });
    await button(page, 'Save and continue').click();
    const asked = dialog(page);
    await asked.getByText('Someone else saved first').waitFor();
    await asked.getByRole('radio', { name: /Narvik/ }).waitFor();
    await asked.getByRole('radio', { name: /Tromsø/ }).waitFor();
    await asked.getByText('NO 123 456 789').waitFor();
    assert.ok(await asked.getByRole('button', { name: 'Save this' }).isDisabled(), 'it has to be chosen');
    await asked.getByRole('radio', { name: /Narvik/ }).click();
    await asked.getByRole('button', { name: 'Save this' }).click();
    await at(page, '/customers');
    const now = await j.api('GET', `/customers/${owned.id}`);
    assert.deepEqual([now.city, now.postal_code, now.tax_number], ['Narvik', '8514', 'NO 123 456 789']);
    await j.close(other.context());
  });

  step('a delete names what blocks it', async () => {
    const { page } = j;
    await page.goto(`/customers/${owner.id}`);
    await button(page, 'More').click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog(page).getByRole('button', { name: 'Delete' }).click();
    await dialog(page)
      .getByRole('alert')
      .getByRole('link', { name: /Havbris AS/ })
      .waitFor();
    assert.equal((await j.api('GET', `/customers/${owner.id}`)).status, 'active');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  });

  step('what nothing blocks is closed, and a bulk delete leaves the blocked one', async () => {
    const { page } = j;
    const spare = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Kortvarig',
      billing_type: 'prepaid',
    });
    await page.goto('/customers');
    await rows(page, 3);
    await page.getByRole('checkbox', { name: 'Select Nordlys Telecom' }).check();
    await page.getByRole('checkbox', { name: 'Select Kortvarig' }).check();
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: /^Delete/ })
      .click();
    await dialog(page).getByText('These stay:').waitFor();
    await dialog(page)
      .getByText(/Nordlys Telecom/)
      .first()
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Delete 1' }).click();
    await dialog(page)
      .getByText('Done', { exact: true })
      .or(dialog(page).getByText('Done, with errors'))
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    assert.equal((await j.api('GET', `/customers/${spare.id}`)).status, 'closed');
    assert.equal((await j.api('GET', `/customers/${owner.id}`)).status, 'active');
  });

  step('the timeline tells it field by field', async () => {
    const { page } = j;
    await page.goto(`/customers/${owned.id}/audit`);
    const list = page
      .getByRole('main')
      .getByRole('list')
      .filter({ has: page.locator('time') });
    await until(
      () => list.getByRole('listitem').count(),
      (n) => n >= 4,
      'entries',
    );
    await list.getByText('Narvik').first().waitFor();
    await choose(page, 'Changes of', 'City');
    await until(() => new URL(page.url()).searchParams.get('field'), 'city', 'the field is in the address');
    await list.getByRole('button', { name: 'View Difference' }).first().click();
    await dialog(page).getByText('Narvik').first().waitFor();
    await dialog(page).getByText('Tromsø').first().waitFor();
  });

  step('and the global audit shows who, when, what, and the difference as JSON', async () => {
    const { page } = j;
    await page.goto('/audit');
    const table = page.getByRole('grid', { name: 'Audit log' });
    await table.getByText('Havbris AS').first().waitFor();
    await button(page, 'Filter').click();
    const form = page.getByRole('form', { name: 'Filter' });
    await choose(form, 'Field', 'Action');
    await choose(form, 'Operator', 'is');
    await choose(form, 'Value', 'Change');
    await form.getByRole('button', { name: 'Apply' }).click();
    await until(
      () => new URL(page.url()).searchParams.get('filter')?.includes('update'),
      true,
      'the filter is in the address',
    );
    await until(async () => (await table.innerText()).includes('Kortvarig'), false, 'creations are left out');
    await table.getByRole('button', { name: 'View Difference' }).first().click();
    await dialog(page).getByText('JSON', { exact: true }).click();
    const now = await dialog(page).getByLabel('Current', { exact: true }).innerText();
    assert.equal(JSON.parse(now).city, 'Narvik');
    assert.equal(path(page), '/audit');
  });
});
