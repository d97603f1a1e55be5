// The proof of what was changed: comments that are asked for, the history of any record and field, the head of the audit.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, choose, dialog, download, fill, rows, until } from '../lib/ui.mjs';

journey('proof', {}, (step, j) => {
  let customer;
  const saved = (page) => page.getByText('Settings saved.').first().waitFor();

  step('a setting asks for a comment; forms have a box for it, and what has none is asked', async () => {
    const { page } = j;
    await page.goto('/settings/general');
    await choose(page, 'Comment with each change', 'Required of people');
    await page.getByRole('textbox', { name: 'Comment', exact: true }).fill('Agreed in March');
    await button(page, 'Save').click();
    await saved(page);

    await page.goto('/customers/new');
    await fill(page, { Company: 'Hansen Fiber' });
    await page.getByText('Every change needs one. Kept in the audit log.').waitFor();
    await button(page, 'Save and continue').click();
    await dialog(page).getByText('Why this change?').waitFor();
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await page
      .getByRole('alert')
      .getByText(/changes need a comment/)
      .first()
      .waitFor();
    await button(page, 'Save and continue').click();
    const why = dialog(page).filter({ hasText: 'Why this change?' });
    await why.getByLabel('Comment').fill('Signed today');
    await why.getByRole('button', { name: 'Continue' }).click();
    await at(page, '/customers');
    customer = (await j.api('GET', '/customers?q=Hansen')).items[0];

    await page.goto(`/customers/${customer.id}/edit`);
    await fill(page, { City: 'Narvik', Comment: 'Moved there' });
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    const told = (await j.api('GET', '/audit-entries?sort=-at&limit=2')).items.map((e) => e.comment);
    assert.deepEqual(told, ['Moved there', 'Signed today']);
  });

  step('from a field to its own history', async () => {
    const { page } = j;
    await page.goto(`/customers/${customer.id}/details`);
    await page.getByRole('link', { name: 'Company' }).click();
    await page.waitForURL(/\/audit\?field=company/);
    await page.getByText('Customer created').waitFor();
    assert.equal(await page.getByText('Customer changed').count(), 0);
    await page.goto('/settings/general');
    await page.getByRole('link', { name: 'History' }).click();
    await page.waitForURL(/\/history\/settings\//);
    await page.getByText('Agreed in March').waitFor();
  });

  step('the head of the audit is taken away, and proves it later', async () => {
    const { page } = j;
    await page.goto('/audit');
    await button(page, 'Proof').click();
    await dialog(page).getByText('Sealed entries').waitFor();
    const head = await download(page, () =>
      dialog(page).getByRole('button', { name: 'Download the head' }).click(),
    );
    assert.equal(typeof JSON.parse(await head.text()).signature, 'string');
    const all = await download(page, () =>
      dialog(page).getByRole('button', { name: 'Download everything with its proof' }).click(),
    );
    assert.match(await all.text(), /"form":"tandem-audit-1"/);
    await page.reload();
    await page.getByRole('grid').getByText('Audit exported with its proof').first().waitFor();
  });

  step('the same in French', async () => {
    const { page } = j;
    await page.goto('/customers');
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByText('Français', { exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'fr');
    await page.goto('/customers/new');
    await fill(page, { 'E-mail': 'no' });
    await page.getByRole('textbox', { name: 'Commentaire' }).fill('Essai');
    await button(page, 'Enregistrer et continuer').click();
    await page.getByText('n’est pas une adresse e-mail', { exact: false }).first().waitFor();
    await page.goto('/audit');
    await page.getByRole('grid').getByText('Paramètres modifiés').first().waitFor();
  });
});

journey('notices', {}, (step, j) => {
  step('an import that is through rings the bell, live', async () => {
    const { page } = j;
    await page.goto('/groups');
    await button(page, 'Notices').waitFor();
    const file = await page.context().request.post('/api/v1/imports', {
      multipart: {
        target: 'customers',
        file: {
          name: 'few.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from('name,email\nAda,ada@example.org\n'),
        },
      },
    });
    const made = await file.json();
    await j.api('POST', `/imports/${made.id}/check`);
    await until(async () => (await j.api('GET', `/imports/${made.id}`)).state, 'checked', 'the import');
    await j.api('POST', `/imports/${made.id}/run`);
    await button(page, '1 unread notice').click();
    await page.getByRole('link', { name: /^An import is through/ }).click();
    await page.waitForURL(/\/jobs\/job_/);
    await button(page, 'Notices').waitFor();
  });

  step('all of them have a page, and can be marked as read', async () => {
    const { page } = j;
    const customer = (await j.api('GET', '/customers?limit=1')).items[0];
    await j.api('PATCH', `/customers/${customer.id}`, { city: 'Oslo' }, { 'Tandem-Apply-At': '+1h' });
    await j.api('PATCH', `/customers/${customer.id}`, { city: 'Rome' });
    const [change] = (await j.api('GET', '/scheduled-changes?sort=-created_at&limit=1')).items;
    await j.api('POST', `/scheduled-changes/${change.id}/run`);
    await button(page, '1 unread notice').waitFor();
    await page.goto('/notices');
    await rows(page, 2);
    await button(page, 'Mark all as read').click();
    await button(page, 'Notices').waitFor();
    assert.equal((await j.api('GET', '/notices/unread')).unread, 0);
    await page.getByRole('grid').getByText('A delayed save is in conflict').click();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/delayed-saves\/sch_/);
  });
});
