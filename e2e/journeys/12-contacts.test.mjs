// The people at a customer: three in a row, a note that looks like a secret, edit, remove, and the list of all.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, choose, dialog, fill, rows, until, wrongFields } from '../lib/ui.mjs';

journey('contacts', {}, (step, j) => {
  let customer;
  const table = (page) => page.getByRole('table', { name: 'Contacts' });
  const saveAndStay = async (page) => {
    await button(page, 'More ways to save').click();
    await page.getByRole('menuitem', { name: /^Save and stay/ }).click();
  };
  const all = async () => (await j.api('GET', `/customers/${customer.id}/contacts?sort=created_at`)).items;

  step('a customer is created, and its page has a tab for contacts', async () => {
    const { page } = j;
    await page.goto('/customers/new');
    await fill(page, { Company: 'Fjord Nett AS' });
    await choose(page, 'Country', 'Norway (NO)');
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    await page.getByRole('grid').getByRole('link', { name: 'Fjord Nett AS' }).click();
    await page
      .getByRole('navigation', { name: 'Parts of this customer' })
      .getByRole('link', { name: 'Contacts' })
      .click();
    await page.getByText('No contacts yet').waitFor();
    [customer] = (await j.api('GET', '/customers?q=fjord')).items;
    await at(page, `/customers/${customer.id}/contacts`);
  });

  step('three are added in a row', async () => {
    const { page } = j;
    await page.getByRole('main').getByRole('link', { name: 'Create contact' }).click();
    await at(page, `/customers/${customer.id}/contacts/new`);
    const people = [
      { Name: 'Øyvind Berg', 'E-mail': 'oyvind@fjord.example', Mobile: '412 34 567', Type: 'CEO' },
      { Name: 'Kari Lund', 'E-mail': 'kari@fjord.example', Type: 'Accounts' },
      { Name: 'Noor Haddad', Telephone: '22 99 54 94', 'Allowed networks': '192.0.2.77/24\n2001:db8::1' },
    ];
    for (const person of people) {
      await fill(page, person);
      if (person.Type) await page.keyboard.press('Escape'); // the types on offer
      await saveAndStay(page);
      await page.getByRole('status').getByRole('link', { name: person.Name }).waitFor();
      await until(() => page.getByRole('textbox', { name: 'Name' }).inputValue(), '', 'a blank form');
    }
    const made = await all();
    assert.deepEqual(
      made.map((c) => [c.name, c.role, c.mobile || c.phone, c.allowed_ips]),
      [
        ['Øyvind Berg', 'viewer', '+4741234567', []],
        ['Kari Lund', 'viewer', '', []],
        ['Noor Haddad', 'viewer', '+4722995494', ['192.0.2.0/24', '2001:db8::1/128']],
      ],
    );
  });

  step('every wrong field is told at once', async () => {
    const { page } = j;
    await fill(page, { 'E-mail': 'KARI@fjord.example', Mobile: '12', 'Allowed networks': 'here' });
    await button(page, 'Save and continue').click();
    await page.getByText('Kari Lund (con_', { exact: false }).waitFor();
    assert.deepEqual((await wrongFields(page)).sort(), ['allowed_ips', 'email', 'mobile', 'name']);
    await page.getByRole('main').getByRole('button', { name: 'Cancel' }).click();
    await dialog(page).getByRole('button').last().click(); // what was typed is given up
    await at(page, `/customers/${customer.id}/contacts`);
    await until(() => table(page).getByRole('row').count(), 4, 'a heading and three people');
  });

  step('a note that looks like a secret is refused until it is insisted on', async () => {
    const { page } = j;
    await table(page).getByRole('link', { name: 'Edit Kari Lund' }).click();
    await fill(page, { 'Private notes': 'PIN 4711' });
    await button(page, 'Save and continue').click();
    const box = page.getByRole('checkbox', { name: /^Private notes: keep the text as it is/ });
    await box.waitFor();
    assert.deepEqual(await wrongFields(page), ['private_notes']);
    await box.check();
    await choose(page, 'Role in the portal', 'Billing');
    await page.getByRole('switch', { name: 'E-mail verified' }).check({ force: true });
    await button(page, 'Save and continue').click();
    await page.getByRole('heading', { level: 1, name: 'Kari Lund' }).waitFor();
    await page.getByText('PIN 4711').waitFor();
    await page.getByText('Verified', { exact: true }).waitFor();
    // Who insisted is told, and what was written is not.
    const history = page.getByRole('region', { name: 'History' });
    await history.getByText('insisting on a note', { exact: false }).waitFor();
    assert.equal(await history.getByText('4711').count(), 0);
    assert.equal((await all())[1].private_notes, undefined, 'no list has private notes');
  });

  step('another address clears its flag', async () => {
    const { page } = j;
    await page.getByRole('main').getByRole('link', { name: 'Edit', exact: true }).click();
    await fill(page, { 'E-mail': 'kari.lund@fjord.example' });
    await button(page, 'Save and continue').click();
    await page.getByText('Not verified', { exact: true }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Fjord Nett AS' }).click();
    await at(page, `/customers/${customer.id}/contacts`);
  });

  step('one is removed', async () => {
    const { page } = j;
    await button(page, 'Remove Noor Haddad').click();
    await dialog(page).getByRole('button', { name: 'Remove contact' }).click();
    await page.getByText('Noor Haddad was removed.').waitFor();
    await until(() => table(page).getByRole('row').count(), 3, 'a heading and two people');
  });

  step('the list of all finds them by anything, and the palette too', async () => {
    const { page } = j;
    await page.getByRole('navigation').getByRole('link', { name: 'Contacts', exact: true }).first().click();
    await at(page, '/contacts');
    await rows(page, 2);
    await page.goto('/contacts?q=fjord%20567');
    await rows(page, 1);
    await page.getByRole('grid').getByRole('link', { name: 'Øyvind Berg' }).click();
    await page.getByRole('heading', { level: 1, name: 'Øyvind Berg' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Find a customer/ }).fill('kari.lund@');
    await page.getByRole('option', { name: /Kari Lund/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Kari Lund' }).waitFor();
  });

  step('contacts of a closed customer are listed, and stay as they are', async () => {
    const { page } = j;
    await j.api('DELETE', `/customers/${customer.id}`);
    await page.goto(`/customers/${customer.id}/contacts`);
    await page.getByText('its contacts stay as they are', { exact: false }).waitFor();
    assert.equal(await page.getByRole('main').getByRole('link', { name: 'Create contact' }).count(), 0);
    await table(page).getByRole('link', { name: 'Kari Lund' }).click();
    await page.getByText('Customer closed').waitFor();
    assert.equal(await page.getByRole('main').getByRole('link', { name: 'Edit', exact: true }).count(), 0);
  });
});
