// Many customers at once: made in mass with opening values and defaults, changed in bulk line by line.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { button, change, choose, columnTexts, dialog, download, fill, rows } from '../lib/ui.mjs';

const more = async (page, item) => {
  await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
  await dialog(page).waitFor();
};

journey('many at once', {}, (step, j) => {
  step('mass create takes a default for any field, and opening values', async () => {
    const { page } = j;
    await page.goto('/customers');
    await page.getByText('No customers yet').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Mass create…' }).click();
    const box = dialog(page);
    await fill(box, {
      'How many': '40',
      'Number prefix': 'sim',
      'Number length': '9',
      'Opening balance': '12,5',
    });
    await fill(box, { City: 'Bodø', 'Tax number': 'NO 1', 'Debit limit': 'a lot' });
    await choose(box, 'Country', 'Norway (NO)');
    await box.getByText('They are not applied until the ledger exists.', { exact: false }).waitFor();
    await box.getByText('Give an amount with up to six decimals', { exact: false }).first().waitFor();
    await fill(box, { 'Debit limit': '100' });
    await box.getByText('numbers are free', { exact: false }).waitFor();
    await box.getByLabel('Make one-time set-up tokens').check();
    await box.getByRole('button', { name: 'Create 40 customers' }).click();
    await box.getByText('Done', { exact: true }).waitFor();
    const file = await download(page, () => box.getByRole('button', { name: 'Download the list' }).click());
    const text = await file.text();
    assert.equal(text.trim().split('\n').length, 41, 'a heading and forty lines');
    await box.getByRole('button', { name: 'Close' }).last().click();
    await rows(page, 40);
    const { items } = await j.api('GET', '/customers?limit=40');
    assert.ok(items.every((c) => c.city === 'Bodø' && c.country === 'NO' && c.tax_number === 'NO 1'));
  });

  step('the country is shown by its name, with the code beside it', async () => {
    const { page } = j;
    assert.deepEqual(new Set(await columnTexts(page, 'Country')), new Set(['Norway NO']));
    await page.goto(`/customers/${(await j.api('GET', '/customers?limit=1')).items[0].id}/details`);
    await page.getByText('Norway NO', { exact: true }).first().waitFor();
  });

  step('bulk update shows every field as it is, and counts what would change', async () => {
    const { page } = j;
    await page.goto('/customers');
    await rows(page, 40);
    await more(page, 'Update all that match…');
    const box = dialog(page);
    for (const name of ['City', 'Country', 'Status', 'Currency', 'Description', 'Groups', 'Time zone'])
      assert.equal(
        await box
          .getByRole('combobox', { name, exact: true })
          .or(box.getByRole('textbox', { name, exact: true }))
          .first()
          .inputValue(),
        'Leave as it is',
        name,
      );
    assert.ok(await button(page, 'Preview').isDisabled(), 'nothing to change yet');
    await change(page, 'City', 'Set to', 'Narvik');
    await choose(box, 'Country', 'Clear');
    await button(page, 'Preview').click();
    await box.getByRole('button', { name: 'Change 40 customers' }).waitFor();
    await button(page, 'Back').click();
    await choose(box, 'Country', 'Leave as it is');
    await button(page, 'Preview').click();
    await box.getByRole('button', { name: 'Change 40 customers' }).click();
    await box.getByText('Done', { exact: true }).waitFor();
    const { items } = await j.api('GET', '/customers?limit=40');
    assert.ok(items.every((c) => c.city === 'Narvik' && c.country === 'NO'));
    await box.getByRole('button', { name: 'Close' }).last().click();
  });

  step('who is left out is told with the reason', async () => {
    const { page } = j;
    await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Ventende AS',
      billing_type: 'prepaid',
      status: 'pending',
    });
    await page.goto('/customers');
    await rows(page, 41);
    await more(page, 'Update all that match…');
    await change(page, 'Status', 'Set to', 'Penalty', true);
    await button(page, 'Preview').click();
    await dialog(page).getByRole('button', { name: 'Change 40 customers' }).waitFor();
    await dialog(page).getByText('1 left out:').waitFor();
    await dialog(page).getByText('Their status does not allow that.', { exact: false }).waitFor();
    await button(page, 'Back').click();
  });

  step('figures in proportion are called that', async () => {
    const { page } = j;
    await page.route(/bulk-update/, (route) =>
      route.fulfill({
        json: {
          matching: 400_000,
          will_change: 380_000,
          unchanged: 20_000,
          excluded: [],
          sample: [],
          evaluated: 100_000,
          is_exact: false,
        },
      }),
    );
    await button(page, 'Preview').click();
    await dialog(page).getByRole('button', { name: 'Change about 380,000 customers' }).waitFor();
    await dialog(page).getByText('about 20,000', { exact: true }).waitFor();
    await page.unroute(/bulk-update/);
  });
});
