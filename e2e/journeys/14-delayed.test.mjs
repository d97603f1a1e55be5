// Delayed saves: now this and back at then, a conflict that is decided, running at once, cancelling.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { button, dialog, fill, until } from '../lib/ui.mjs';

/** So many seconds ahead, as a field of date and time takes it in the browser's zone. */
const ahead = (page, seconds) =>
  page.evaluate((s) => {
    const d = new Date(Date.now() + s * 1000);
    return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  }, seconds);

journey('delayed saves', {}, (step, j) => {
  let ada;
  const state = async (id) => (await j.api('GET', `/scheduled-changes/${id}`)).state;
  const latest = async () => (await j.api('GET', '/scheduled-changes?sort=-created_at&limit=1')).items[0];

  step('a penalty now, taken back at its time', async () => {
    const { page } = j;
    ada = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Ada Nett',
      billing_type: 'prepaid',
    });
    await page.goto(`/customers/${ada.id}`);
    await button(page, 'More').click();
    await page.getByRole('menuitem', { name: 'Change status' }).click();
    await dialog(page)
      .getByRole('radio', { name: /Penalty/ })
      .click();
    await fill(dialog(page), { Reason: 'Unpaid' });
    await button(dialog(page), 'Later…').click();
    const later = dialog(page).last();
    await later.getByRole('cell', { name: 'Penalty' }).waitFor();
    await later.getByRole('radio', { name: 'Now, and back again later' }).check();
    await later.getByRole('radio', { name: 'At a date and time' }).last().check();
    await later.getByText('Time zone: Europe/Oslo').waitFor();
    await later.getByLabel('Date and time', { exact: true }).fill(await ahead(page, 15));
    await button(later, 'Delay and save').click();
    await dialog(page).first().waitFor({ state: 'detached' });
    assert.equal((await j.api('GET', `/customers/${ada.id}`)).status, 'penalty');
    await page.getByText('1 change is to come').waitFor();
    await page.getByRole('link', { name: /Status/ }).click();
    const row = page
      .getByRole('table', { name: 'What it changes' })
      .getByRole('row', { name: /^Status / })
      .first();
    await row.waitFor();
    assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['Penalty', 'Penalty', 'Active']);
    await page.getByText('Applied', { exact: true }).waitFor();
    assert.equal((await j.api('GET', `/customers/${ada.id}`)).status, 'active');
    await page.goto(`/customers/${ada.id}/audit`);
    await page.getByText('Customer changed').first().waitFor();
  });

  step('an edit in a form is kept for later, and conflicts with a later one', async () => {
    const { page } = j;
    await page.goto(`/customers/${ada.id}/edit`);
    await fill(page, { City: 'Oslo' });
    await button(page, 'More ways to save').click();
    await page.getByRole('menuitem', { name: 'Delay and save' }).click();
    await dialog(page).getByRole('cell', { name: 'Oslo' }).waitFor();
    await dialog(page).getByRole('radio', { name: 'At a date and time' }).check();
    await dialog(page)
      .getByLabel('Date and time', { exact: true })
      .fill(await ahead(page, 6));
    await button(dialog(page), 'Delay and save').click();
    await page.getByText('1 change is to come').waitFor();
    const kept = await latest();
    await j.api('PATCH', `/customers/${ada.id}`, { city: 'Rome' });
    await until(() => state(kept.id), 'conflicted', 'the delayed save');
    assert.equal((await j.api('GET', `/customers/${ada.id}`)).city, 'Rome');
    const other = await page.context().newPage();
    await other.goto('/customers');
    await button(other, '1 unread notice').waitFor();
    await page.goto('/customers');
    await button(page, '1 unread notice').click();
    await page.getByRole('link', { name: /^A delayed save is in conflict/ }).click();
    await page.getByRole('heading', { name: 'Somebody changed it meanwhile' }).waitFor();
    const row = page.getByRole('table', { name: 'What it changes' }).getByRole('row', { name: /City/ });
    await row.waitFor();
    assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['Not given', 'Rome', 'Oslo']);
    await button(page, 'Make the change anyway').click();
    await page.getByText('Applied', { exact: true }).waitFor();
    assert.equal((await j.api('GET', `/customers/${ada.id}`)).city, 'Oslo');
    await button(page, 'Notices').waitFor();
    await button(other, 'Notices').waitFor(); // the other window hears of it
    await other.close();
  });

  step('one is moved and cancelled, another is run now from the list', async () => {
    const { page } = j;
    const later = { 'Tandem-Apply-At': '+5h' };
    const first = await j.api('PATCH', `/customers/${ada.id}`, { city: 'Lima' }, later);
    await j.api('POST', '/groups', { name: 'Late comers' }, later);
    await page.goto(`/delayed-saves/${first.id}`);
    await button(page, 'Change time').click();
    await dialog(page)
      .getByRole('radio', { name: /^Tomorrow/ })
      .check();
    await button(dialog(page), 'Save').click();
    await dialog(page).waitFor({ state: 'detached' });
    await until(async () => (await latestOf(first.id)).version, 2, 'the version');
    await button(page, 'Cancel the change').click();
    await button(dialog(page), 'Cancel the change').click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await page.goto('/delayed-saves');
    await page.getByRole('grid').getByRole('link', { name: 'Late comers' }).click();
    await button(page, 'Run now').click();
    await button(dialog(page), 'Run now').click();
    await page.getByText('Applied', { exact: true }).waitFor();
    const groups = await j.api('GET', '/groups?q=comers');
    assert.equal(groups.items.length, 1);
  });

  step('a contact, a role and the settings wait for their time like customers do', async () => {
    const { page } = j;
    const ann = await j.api('POST', `/customers/${ada.id}/contacts`, { name: 'Ann' });
    await page.goto(`/contacts/${ann.id}/edit`);
    await fill(page, { Mobile: '+4790000000' });
    await button(page, 'More ways to save').click();
    await page.getByRole('menuitem', { name: 'Delay and save' }).click();
    await dialog(page).getByRole('cell', { name: '+4790000000' }).waitFor();
    await button(dialog(page), 'Delay and save').click();
    await page.getByText('1 change is to come').waitFor();
    await page.getByRole('link', { name: /: Mobile$/ }).click();
    await page.getByRole('heading', { name: 'Change: Ann (Ada Nett)' }).waitFor();
    await button(page, 'Run now').click();
    await button(dialog(page), 'Run now').click();
    await page.getByText('Applied', { exact: true }).waitFor();
    assert.equal((await j.api('GET', `/contacts/${ann.id}`)).mobile, '+4790000000');
    await page.getByRole('link', { name: 'Open the record' }).click();
    await page.getByRole('heading', { name: 'Ann', exact: true }).waitFor();

    const night = await j.api('POST', '/roles', { name: 'Night shift', permissions: ['customer.read'] });
    await page.goto(`/settings/roles/${night.id}`);
    await button(page, 'Delete').click();
    await button(dialog(page), 'Later…').click();
    await button(dialog(page).last(), 'Delay and save').click();
    await dialog(page).first().waitFor({ state: 'detached' });
    await page.getByText('1 change is to come').waitFor();

    await page.goto('/settings/general');
    await fill(page, { 'Name of the organisation': 'Fjord Telecom' });
    await button(page, 'Later…').click();
    await dialog(page).getByRole('radio', { name: 'At a date and time' }).check();
    await dialog(page)
      .getByLabel('Date and time', { exact: true })
      .fill(await ahead(page, 4));
    await button(dialog(page), 'Delay and save').click();
    await page.getByRole('link', { name: /Name of the organisation/ }).waitFor();
    const kept = await latest();
    await until(() => state(kept.id), 'applied', 'the delayed save');
    assert.equal((await j.api('GET', '/settings')).organization_name, 'Fjord Telecom');
  });

  const latestOf = (id) => j.api('GET', `/scheduled-changes/${id}`);
});
