// Groups, and the operator's own fields.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, cell, change, choose, columns, dialog, fill, header, rows, until } from '../lib/ui.mjs';

journey('groups and fields', {}, (step, j) => {
  let members;

  step('groups are made, and a customer can be in many', async () => {
    const { page } = j;
    members = [];
    for (const company of ['Alfa Nett', 'Beta Bredbånd', 'Gamma Fiber']) {
      members.push(await j.api('POST', '/customers', { kind: 'customer', company, billing_type: 'prepaid' }));
    }
    await page.goto('/groups');
    await page.getByText('No groups yet').waitFor();
    for (const name of ['Gold', 'Silver']) {
      await page.goto('/groups?new=1');
      await fill(dialog(page), { Name: name });
      await choose(dialog(page), 'Type', 'Promotional');
      await dialog(page).getByRole('button', { name: 'Create group' }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
    }
    await page.goto('/groups?new=1');
    await fill(dialog(page), { Name: 'gold' });
    await dialog(page).getByRole('button', { name: 'Create group' }).click();
    await dialog(page).locator('[aria-invalid="true"]').waitFor();
  });

  step('a customer is added on the page of the group, and many from the list', async () => {
    const { page } = j;
    await page.goto('/groups');
    await page.getByRole('grid', { name: 'Groups' }).getByRole('link', { name: 'Gold' }).click();
    await page.getByRole('heading', { level: 1, name: 'Gold' }).waitFor();
    await choose(page, 'Add a customer', 'Alfa Nett');
    await page.getByRole('main').getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('table', { name: 'Members' }).getByRole('link', { name: 'Alfa Nett' }).waitFor();
    await page.goto('/customers');
    await rows(page, 3);
    for (const name of ['Alfa Nett', 'Beta Bredbånd'])
      await page.getByRole('checkbox', { name: `Select ${name}` }).check();
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: /^Update/ })
      .click();
    await change(page, 'Groups', 'Add', 'Silver', true);
    await page.keyboard.press('Tab');
    await dialog(page).getByRole('button', { name: 'Preview' }).click();
    await dialog(page).getByRole('button', { name: 'Change 2 customers' }).click();
    await dialog(page).getByText('Done', { exact: true }).waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    const one = await j.api('GET', `/customers/${members[0].id}`);
    assert.deepEqual(one.groups.map((g) => g.name).sort(), ['Gold', 'Silver']);
  });

  step('a group in use is not removed until it is said what becomes of its members', async () => {
    const { page } = j;
    await page.goto('/groups');
    await page.getByRole('link', { name: 'Gold' }).click();
    await button(page, 'Remove group').click();
    await dialog(page).getByText('1 customer is in it. Say what becomes of them.').waitFor();
    const go = dialog(page).getByRole('button', { name: 'Remove group' });
    assert.ok(await go.isDisabled(), 'not before it is said');
    await dialog(page).getByRole('radio', { name: 'Move them to another group' }).check();
    await choose(dialog(page), 'Which group', 'Silver');
    await go.click();
    await at(page, '/groups');
    await page.getByRole('grid', { name: 'Groups' }).getByRole('link', { name: 'Silver' }).waitFor();
    await page
      .getByRole('table', { name: 'Groups' })
      .getByRole('link', { name: 'Gold' })
      .waitFor({ state: 'detached' });
    assert.deepEqual(
      (await j.api('GET', `/customers/${members[0].id}`)).groups.map((g) => g.name),
      ['Silver'],
    );
  });

  step('the list is filtered by a group', async () => {
    const { page } = j;
    await page.getByRole('link', { name: 'Silver' }).click();
    await page.getByRole('link', { name: 'Open in the list' }).click();
    await at(page, '/customers');
    await rows(page, 2);
    await page.getByRole('list', { name: 'Active filter' }).getByText('Silver').waitFor();
  });

  step('an own field is defined, and is in the form', async () => {
    const { page } = j;
    await page.goto('/settings/custom-fields');
    await page.getByRole('main').getByRole('button', { name: 'Create field' }).first().click();
    await fill(dialog(page), { Label: 'Sales region' });
    await choose(dialog(page), 'Type', 'Choice');
    for (const [n, word] of [
      [1, 'North'],
      [2, 'South'],
    ]) {
      const box = dialog(page).getByLabel(`Choice ${n}`, { exact: true });
      if ((await box.count()) === 0) await dialog(page).getByRole('button', { name: 'Add choice' }).click();
      await box.fill(word);
    }
    await dialog(page).getByRole('button', { name: 'Create field' }).click();
    await page.getByRole('table').getByText('Sales region').first().waitFor();
    await page.goto(`/customers/${members[0].id}/edit`);
    await choose(page, 'Sales region', 'North');
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    assert.equal(Object.values((await j.api('GET', `/customers/${members[0].id}`)).custom)[0], 'north');
  });

  step('in the grid', async () => {
    const { page } = j;
    await page.goto('/customers');
    await rows(page, 3);
    if (!(await columns(page)).includes('Sales region')) {
      await button(page, 'Columns').click();
      await dialog(page).getByRole('checkbox', { name: 'Sales region' }).click();
      await page.keyboard.press('Escape');
    }
    await until(async () => (await columns(page)).includes('Sales region'), true, 'the column');
    await header(page, 'Sales region').scrollIntoViewIfNeeded();
    await page.getByRole('gridcell', { name: 'North', exact: true }).waitFor();
  });

  step('and in the filter', async () => {
    const { page } = j;
    await button(page, 'Filter').click();
    const form = page.getByRole('form', { name: 'Filter' });
    await choose(form, 'Field', 'Sales region');
    await choose(form, 'Operator', 'is');
    await choose(form, 'Value', 'North');
    await form.getByRole('button', { name: 'Apply' }).click();
    await rows(page, 1);
    await cell(page, 0, 0).getByText('Alfa Nett').waitFor();
  });

  step('a field with values is not lost by one click', async () => {
    const { page } = j;
    await page.goto('/settings/custom-fields');
    await button(page, 'Delete Sales region').click();
    await dialog(page).getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog(page).getByText('Customers have values in this field.', { exact: false }).waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('table').getByText('Sales region').first().waitFor();
  });
});
