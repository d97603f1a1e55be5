// The same console on PostgreSQL: the shortest way through everything that asks the database.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { journey } from '../lib/journey.mjs';
import { root } from '../lib/server.mjs';
import {
  at,
  button,
  change,
  choose,
  columnTexts,
  dialog,
  figures,
  fill,
  header,
  rows,
  until,
} from '../lib/ui.mjs';

const folder = join(root, 'testdata/customers');
const { rows: all, wrong_total: wrong } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))[
  'paragon-customers.tsv'
];
const good = all - wrong;

journey('PostgreSQL', { postgres: true, signIn: false }, (step, j) => {
  step('signs in, creates and imports', async () => {
    const { page } = j;
    await page.goto('/sign-in');
    await fill(page, { 'E-mail': j.server.email, Password: j.server.password });
    await button(page, 'Sign in').click();
    await at(page, '/customers');
    await page.getByRole('main').getByRole('link', { name: 'Create customer' }).first().click();
    await fill(page, { Company: 'Aurora Nett', 'E-mail': 'post@aurora.example' });
    await button(page, 'Save and continue').click();
    await rows(page, 1);
    await page.goto('/imports/new');
    await page.getByTestId('file').setInputFiles(join(folder, 'paragon-customers.tsv'));
    await until(
      () =>
        button(page, 'Check')
          .isEnabled()
          .catch(() => false),
      true,
      'Check can be pressed',
    );
    await button(page, 'Check').click();
    await page
      .getByRole('main')
      .getByRole('button', { name: `Import ${good.toLocaleString('en-GB')} rows` })
      .click({ timeout: 180_000 });
    await page.getByRole('main').getByText('Done', { exact: true }).first().waitFor({ timeout: 180_000 });
    assert.equal((await figures(page.getByRole('region', { name: 'Summary' }))).Created, good);
  });

  step('sorts, searches, filters and changes in bulk', async () => {
    const { page } = j;
    await page.goto('/customers');
    await rows(page, good + 1);
    await header(page, 'Name').click();
    const wanted = (await j.api('GET', '/customers?sort=name&limit=10')).items.map((c) => c.name);
    await until(
      async () => JSON.stringify(await columnTexts(page, 'Name')),
      JSON.stringify(wanted),
      'rows by name',
    );
    await page.getByRole('searchbox').fill('rora ne');
    await rows(page, 1);
    await page.getByRole('checkbox', { name: /^Select all/ }).check();
    await page
      .getByRole('region', { name: 'Selection' })
      .getByRole('button', { name: /^Update/ })
      .click();
    await change(page, 'City', 'Set to', 'Tromsø');
    await button(page, 'Preview').click();
    await dialog(page).getByRole('button', { name: 'Change 1 customer' }).click();
    await dialog(page).getByText('Done', { exact: true }).waitFor();
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
    await until(async () => (await columnTexts(page, 'City', 1))[0], 'Tromsø', 'the city in the list');
  });
});
