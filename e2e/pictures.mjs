// Pictures of the main screens for the guides: npm run pictures [-- NAME...]. They show `tandem demo`, so that they can
// be made again by anybody at any time.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, Journey, until } from './lib/journey.mjs';
import { settled } from './lib/looks.mjs';
import { root, serve } from './lib/server.mjs';
import { button, change, choose, dialog, fill } from './lib/ui.mjs';

const folder = join(root, 'docs/pictures');
const largest = 250_000;
const wanted = process.argv.slice(2);

const j = new Journey();

/** name, address, what to do there, options of the window */
const pictures = [
  [
    'customers',
    '/customers',
    async (page) => {
      await page.locator('[data-row="2"] [data-col="1"]').click();
      await page.locator('[data-row="6"] [data-col="3"]').click({ modifiers: ['Shift'] });
    },
  ],
  ['customers-dark', '/customers', async () => undefined, { colorScheme: 'dark' }],
  [
    'filter',
    '/customers',
    async (page) => {
      await button(page, 'Filter').click();
      const form = page.getByRole('form', { name: 'Filter' });
      await choose(form, 'Field', 'City');
      await choose(form, 'Operator', 'begins with');
      await form.getByLabel('Value', { exact: true }).fill('B');
      await form.getByRole('button', { name: 'Apply' }).click();
      await page.getByText('Filter (1)').waitFor();
    },
  ],
  [
    'bulk-update',
    '/customers',
    async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Update all that match…' }).click();
      await change(page, 'City', 'Set to', 'Bergen');
      await change(page, 'Seats', 'Increase by', '5');
    },
  ],
  ['customer', (ids) => `/customers/${ids.customer}`],
  ['customer-dark', (ids) => `/customers/${ids.customer}`, async () => undefined, { colorScheme: 'dark' }],
  ['customer-audit', (ids) => `/customers/${ids.customer}/audit`],
  [
    'create',
    '/customers/new',
    async (page) => {
      await fill(page, { Company: 'Fjordlink AS', 'E-mail': 'post@fjordlink', Telephone: '12' });
      await button(page, 'Save and continue').click();
      await page.getByRole('alert').first().waitFor();
      await page.evaluate(() => window.scrollTo(0, 0));
    },
  ],
  ['import', (ids) => `/imports/${ids.draft}`],
  ['import-check', (ids) => `/imports/${ids.checked}`],
  [
    'palette',
    '/customers',
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /Find a customer/ }).fill('ber');
      await page.getByRole('option').nth(3).waitFor();
    },
  ],
  ['audit', '/audit'],
  ['audit-dark', '/audit', async () => undefined, { colorScheme: 'dark' }],
  ['groups', '/groups'],
  ['jobs', '/jobs'],
  [
    'mass-create',
    '/customers',
    async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Mass create…' }).click();
      await fill(dialog(page), { 'Number prefix': 'sim', 'Opening balance': '12.50', City: 'Bodø' });
      await dialog(page).getByText('numbers are free', { exact: false }).waitFor();
      await dialog(page).getByLabel('Number prefix').scrollIntoViewIfNeeded();
    },
  ],
  ['phone', '/customers', async () => undefined, { width: 390, height: 844, colorScheme: 'dark' }],
];

async function records() {
  const customers = (await j.api('GET', '/customers?limit=200')).items;
  const customer =
    customers.find((c) => c.groups.length && Object.keys(c.custom).length && c.company) ?? customers[0];
  const patch = async (data, comment) => {
    const { version } = await j.api('GET', `/customers/${customer.id}`);
    await j.api('PATCH', `/customers/${customer.id}`, data, {
      'If-Match': `"${version}"`,
      'Tandem-Comment': comment,
    });
  };
  await patch({ description: 'Two lines, wants a third in spring.' }, 'By telephone');
  await patch({ telephone: '+4722334455', description: 'Three lines since the move.' }, 'New office');
  const draft = await upload('astpp-customers.csv');
  const checked = await upload('astpp-customers.csv');
  await j.api('POST', `/imports/${checked}/check`, {});
  await until(async () => (await j.api('GET', `/imports/${checked}`)).state, 'checked', 'the check');
  return { customer: customer.id, draft, checked };
}

async function upload(name) {
  const buffer = readFileSync(join(root, 'testdata/customers', name));
  const answer = await j.page.context().request.post('/api/v1/imports', {
    multipart: { target: 'customers', file: { name, mimeType: 'text/csv', buffer } },
  });
  return (await answer.json()).id;
}

try {
  [j.server, j.browser] = await Promise.all([serve({ demo: 5000 }), launch()]);
  j.page = await j.person();
  const ids = await records();
  mkdirSync(folder, { recursive: true });
  for (const [name, where, act, options] of pictures) {
    if (wanted.length && !wanted.includes(name)) continue;
    const page = await j.person(options);
    await page.goto(typeof where === 'function' ? where(ids) : where);
    await settled(page);
    await act?.(page);
    await settled(page);
    const file = join(folder, `${name}.png`);
    writeFileSync(file, await page.screenshot({ scale: 'css' }));
    const { size } = statSync(file);
    console.log(`${name}.png ${Math.round(size / 1000)} KB`);
    if (size > largest) {
      console.error(`${name}.png is larger than ${largest / 1000} KB`);
      process.exitCode = 1;
    }
    await j.close(page.context());
  }
} finally {
  await j.browser?.close();
  await j.server?.stop();
}
