// The main job: three systems' files in, one row put right, a filter kept, a bulk change and back, out and in again.
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
  download,
  figures,
  fill,
  grid,
  header,
  rowCount,
  rows,
  search,
  until,
} from '../lib/ui.mjs';

const folder = join(root, 'testdata/customers');
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
const good = (file) => expected[file].rows - expected[file].wrong_total;

const codes = {
  bad_country: 'Unknown country',
  bad_email: 'Not an e-mail address',
  bad_money: 'Not an amount',
  bad_phone: 'Not a telephone number',
  duplicate_email: 'E-mail used twice',
  duplicate_reference: 'Reference used twice',
  missing_name: 'No name',
};

/** What must be guessed of each file: the column, and where it goes. */
const guesses = {
  'astpp-customers.csv': {
    Account: 'Reference number',
    'First Name': 'First name',
    Phone: 'Telephone',
    Email: 'E-mail',
    'Credit Limit': 'Debit limit',
  },
  'magoware-customers.csv': {
    id: 'External ID',
    firstname: 'First name',
    telephone: 'Telephone',
    country: 'Country',
    group: 'Groups',
  },
  'paragon-customers.tsv': {
    Name: 'Name',
    'Customer ID': 'External ID',
    'Reference Number': 'Reference number',
  },
};
const encodings = {
  'astpp-customers.csv': 'UTF-8',
  'magoware-customers.csv': 'WINDOWS-1252',
  'paragon-customers.tsv': 'UTF-16LE',
};

const main = (page) => page.getByRole('main');
const summary = (page) => page.getByRole('region', { name: 'Summary' });

async function upload(page, file) {
  await page.goto('/imports/new');
  await page.getByTestId('file').setInputFiles(file);
  await page.waitForURL(/\/imports\/imp_/);
  await page.getByRole('heading', { name: 'Columns', exact: true }).waitFor();
}

async function check(page) {
  await until(() => button(page, 'Check').isEnabled(), true, 'Check can be pressed');
  await button(page, 'Check').click();
  await summary(page).waitFor({ timeout: 180_000 });
  return figures(summary(page));
}

async function run(page, name) {
  await main(page).getByRole('button', { name }).click();
  await main(page).getByText('Done', { exact: true }).first().waitFor({ timeout: 180_000 });
  await summary(page).waitFor();
  return figures(summary(page));
}

journey('import', {}, (step, j) => {
  let total = 0;

  for (const file of Object.keys(expected)) {
    step(`${file}: columns are guessed, wrong rows explained, the rest is imported`, async () => {
      const { page } = j;
      await upload(page, join(folder, file));
      await until(
        () =>
          page
            .getByRole('combobox', { name: 'Encoding' })
            .or(page.getByRole('textbox', { name: 'Encoding' }))
            .first()
            .inputValue(),
        encodings[file],
        'the encoding is found out',
      );
      for (const [column, field] of Object.entries(guesses[file])) {
        const select = page.getByLabel(`Field for the column ${column}`, { exact: true }).first();
        await until(() => select.inputValue(), field, `where ${column} goes`);
      }
      if (file.startsWith('astpp')) assert.equal(await page.getByText('Secrets are never stored').count(), 2);

      const found = await check(page);
      assert.equal(found.Rows, expected[file].rows);
      assert.equal(found.Wrong, expected[file].wrong_total);
      assert.equal(found['To create'], good(file));
      for (const [code, n] of Object.entries(expected[file].wrong)) {
        await summary(page)
          .getByRole('listitem')
          .filter({ hasText: new RegExp(`^${codes[code]} ${n}$`) })
          .waitFor();
      }
      const wrong = page.getByRole('region', {
        name: `${expected[file].wrong_total} wrong rows`,
      });
      const first = wrong.getByRole('listitem').first();
      assert.match(await first.innerText(), /Line \d+/);
      await first.locator('[aria-invalid="true"], p').first().waitFor();

      const done = await run(page, `Import ${good(file).toLocaleString('en-GB')} rows`);
      assert.equal(done.Created, good(file));
      assert.equal(done.Wrong, expected[file].wrong_total);
      total += good(file);
      await main(page).getByRole('link', { name: 'To the customers' }).click();
      await at(page, '/customers');
      await rows(page, total);
    });
  }

  step('the wrong rows can be had as a file with line, field, reason and the original cells', async () => {
    const { page } = j;
    await page.goto('/imports');
    await page.getByRole('link', { name: 'astpp-customers.csv' }).click();
    await summary(page).waitFor();
    const file = await download(page, () => button(page, 'Download wrong rows').click());
    const lines = (await file.text()).trim().split(/\r?\n/);
    assert.match(lines[0].replace(/^\uFEFF/, ''), /^line,field,reason,Account,/i);
    assert.equal(lines.length - 1, expected['astpp-customers.csv'].wrong_total);
  });

  step('one wrong row is put right in place and imported', async () => {
    const { page } = j;
    const row = page
      .getByRole('listitem')
      .filter({ has: page.locator('form') })
      .filter({ has: page.getByLabel('Email', { exact: true }) })
      .first();
    await row.getByLabel('Email', { exact: true }).fill('put.right@example.org');
    await row.getByRole('button', { name: 'Save row' }).click();
    await row.getByText('This row is right now.').waitFor();
    await button(page, 'Import 1 corrected row').click();
    const wanted = good('astpp-customers.csv') + 1;
    await until(async () => (await figures(summary(page))).Created, wanted, 'created');
    total += 1;
    const found = await j.api('GET', '/customers?q=put.right@example.org&total=exact');
    assert.equal(found.total, 1);
  });

  step('the same files again make no duplicates', async () => {
    const { page } = j;
    for (const file of ['paragon-customers.tsv', 'magoware-customers.csv']) {
      await upload(page, join(folder, file));
      const found = await check(page);
      assert.equal(found['To create'], 0, file);
      assert.equal(found.Wrong, expected[file].wrong_total, file);
      assert.equal((found['In already'] ?? 0) + (found.Unchanged ?? 0), good(file), file);
    }
    await page.goto('/customers');
    await rows(page, total);
  });

  step('imports are searched and sorted like any list', async () => {
    const { page } = j;
    await page.goto('/imports?q=PARAGON&sort=-created');
    await rows(page, 2);
    assert.deepEqual(await columnTexts(page, 'File'), ['paragon-customers.tsv', 'paragon-customers.tsv']);
    assert.deepEqual(await columnTexts(page, 'Created'), [
      good('paragon-customers.tsv').toLocaleString('en-GB'),
      '0',
    ]);
  });

  let oslo = 0;
  step('a filter narrows the list and is kept under a name', async () => {
    const { page } = j;
    await page.goto('/customers');
    await rows(page, total);
    await button(page, 'Filter').click();
    const form = page.getByRole('form', { name: 'Filter' });
    await choose(form, 'Field', 'City');
    await choose(form, 'Operator', 'is');
    await form.getByLabel('Value', { exact: true }).fill('Oslo');
    await form.getByRole('button', { name: 'Apply' }).click();
    await until(
      () => rowCount(page),
      (n) => n > 0 && n < total,
      'rows in Oslo',
    );
    oslo = await rowCount(page);
    await form.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('list', { name: 'Active filter' }).getByText('Oslo').waitFor();
    assert.deepEqual(new Set(await columnTexts(page, 'City')), new Set(['Oslo']));
    await button(page, 'Save view').click();
    await fill(dialog(page), { Name: 'In Oslo' });
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('button', { name: 'In Oslo', exact: true })
      .and(page.locator('[aria-current=true]'))
      .waitFor();
  });

  step('reload, Back, Forward and another browser show the same rows', async () => {
    const { page } = j;
    await page.reload();
    await rows(page, oslo);
    await header(page, 'Name').click();
    await until(() => header(page, 'Name').getAttribute('aria-sort'), 'ascending', 'sorted');
    await until(() => search(page).get('sort'), 'name', 'the sort is in the address');
    const address = page.url();
    const first = await columnTexts(page, 'Name');
    await page.goBack();
    await until(() => header(page, 'Name').getAttribute('aria-sort'), 'none', 'not sorted after Back');
    await rows(page, oslo);
    await page.goForward();
    await until(() => header(page, 'Name').getAttribute('aria-sort'), 'ascending', 'sorted after Forward');
    const other = await j.person();
    await other.goto(address);
    await rows(other, oslo);
    assert.deepEqual(await columnTexts(other, 'Name'), first);
    await j.close(other.context());
  });

  step('everything filtered is changed in bulk, after a preview', async () => {
    const { page } = j;
    await page.getByRole('checkbox', { name: /^Select all/ }).check();
    await page.getByText(`All ${oslo.toLocaleString('en-GB')} that match are selected`).waitFor();
    const bar = page.getByRole('region', { name: 'Selection' });
    await bar.getByRole('button', { name: /^Update/ }).click();
    await change(page, 'Description', 'Set to', 'Looked at in spring');
    await dialog(page).getByLabel('Comment for the audit log').fill('spring cleaning');
    await dialog(page).getByRole('button', { name: 'Preview' }).click();
    await until(async () => (await figures(dialog(page)))['Will change'], oslo, 'will change');
    await dialog(page)
      .getByRole('button', {
        name: `Change ${oslo.toLocaleString('en-GB')} customers`,
      })
      .click();
    await dialog(page).getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    assert.equal(await described(j), oslo);
  });

  step('and undone', async () => {
    const { page } = j;
    const job = dialog(page).getByRole('link', { name: 'Open the job' });
    const before = await job.getAttribute('href');
    await dialog(page).getByRole('button', { name: 'Undo' }).click();
    await until(
      async () => (await job.count()) > 0 && (await job.getAttribute('href')),
      (href) => href && href !== before,
      'the job that undoes',
    );
    await dialog(page).getByText('Done', { exact: true }).waitFor({ timeout: 120_000 });
    await until(() => described(j), 0, 'described after undo');
    await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  });

  step('an export as CSV comes in again with nothing to change', async () => {
    const { page } = j;
    await page.goto('/customers');
    await rows(page, total);
    await button(page, 'More').click();
    const file = await download(page, () => page.getByRole('menuitem', { name: 'Export as CSV' }).click());
    assert.match(file.name, /\.csv$/);
    assert.deepEqual(await again(page, file), {
      Rows: total,
      Unchanged: total,
    });
  });

  step('and so does one as XLSX of what is filtered', async () => {
    const { page } = j;
    await page.goto('/customers');
    await page
      .getByRole('navigation', { name: 'Views' })
      .getByRole('button', { name: 'In Oslo', exact: true })
      .click();
    await rows(page, oslo);
    await button(page, 'More').click();
    const file = await download(page, () =>
      page.getByRole('menuitem', { name: 'Export as Excel (XLSX)' }).click(),
    );
    assert.match(file.name, /\.xlsx$/);
    assert.deepEqual(await again(page, file), { Rows: oslo, Unchanged: oslo });
  });

  step('days that can be read two ways are asked for once, and then the check is right', async () => {
    const { page } = j;
    await j.api('POST', '/custom-fields', {
      key: 'signed',
      label: 'Signed',
      type: 'date',
    });
    await page.goto('/imports/new');
    await page.getByTestId('file').setInputFiles({
      name: 'signed.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Name,Signed,Group\nEarly Bird,01/02/2025,Signers\nLate Bird,03/04/2025,Signers\n'),
    });
    await page.waitForURL(/\/imports\/imp_/);
    const order = page
      .getByLabel('How days of the column Signed are written', {
        exact: true,
      })
      .first();
    await until(() => order.inputValue(), 'Days: as they are read', 'the order of days is not told');
    assert.equal((await check(page)).Wrong, 2);
    await button(page, 'Day first (31/12/2025)').click();
    await until(async () => (await figures(summary(page)))['To create'], 2, 'both can go in');
    const done = await run(page, 'Import 2 rows');
    assert.equal(done.Created, 2);
    assert.equal(done['Groups made'], 1);
    const filter = JSON.stringify({
      and: [{ field: 'custom.signed', op: 'eq', value: '2025-02-01' }],
    });
    const found = await j.api('GET', `/customers?filter=${encodeURIComponent(filter)}`);
    assert.deepEqual(
      found.items.map((c) => c.name),
      ['Early Bird'],
    );
  });
});

async function described(j) {
  const filter = JSON.stringify({
    and: [{ field: 'description', op: 'eq', value: 'Looked at in spring' }],
  });
  return (await j.api('GET', `/customers?limit=1&total=exact&filter=${encodeURIComponent(filter)}`)).total;
}

/** Imports an exported file by customer ID and tells what the check finds. */
async function again(page, file) {
  const { readFile } = await import('node:fs/promises');
  await page.goto('/imports/new');
  await page.getByTestId('file').setInputFiles({
    name: file.name,
    mimeType: 'application/octet-stream',
    buffer: await readFile(file.path),
  });
  await page.waitForURL(/\/imports\/imp_/);
  await page.getByRole('heading', { name: 'Columns', exact: true }).waitFor();
  await page.getByRole('radio', { name: 'Create and update' }).check();
  await page.getByRole('checkbox', { name: 'Customer ID', exact: true }).check();
  const found = await check(page);
  for (const [name, n] of Object.entries(found)) if (n === 0) delete found[name];
  return found;
}
