// Somebody who may look and not touch: what is forbidden is not shown, and refused when asked for anyway.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, choose, dialog, fill, grid, rows, until } from '../lib/ui.mjs';

const reader = { name: 'Rita Reader', email: 'rita@example.net', password: 'only looking around here' };

journey('roles', {}, (step, j) => {
  let one, link;

  step('an admin adds a read-only user and gets a link to send', async () => {
    const { page } = j;
    one = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Sildre Nett',
      billing_type: 'prepaid',
    });
    await page.goto('/settings/staff');
    await page.getByRole('main').getByRole('button', { name: 'Add staff user' }).click();
    await fill(dialog(page), { Name: reader.name, 'E-mail': reader.email });
    await choose(dialog(page), 'Roles', 'Read only');
    await dialog(page).getByRole('button', { name: 'Add staff user' }).click();
    await button(page, 'Make password link').click();
    const box = page.getByLabel('One-time link', { exact: true });
    await box.waitFor();
    link = await box.inputValue();
    await button(page, 'I have kept it').click();
    await page.getByRole('grid', { name: 'Staff' }).getByText(reader.email).waitFor();
  });

  step('the link lets them choose a password, once', async () => {
    const page = await j.person({ signIn: false });
    const address = new URL(link);
    await page.goto(address.pathname + address.search);
    await fill(page, { 'New password': reader.password, 'New password again': reader.password });
    await button(page, 'Set password').click();
    await page.getByRole('heading', { name: 'Password set' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).or(button(page, 'Sign in')).first().click();
    await at(page, '/sign-in');
    await fill(page, { 'E-mail': reader.email, Password: reader.password });
    await button(page, 'Sign in').click();
    await at(page, '/customers');
    await rows(page, 1);
    const again = await page.context().request.post('/api/v1/session/set-password', {
      data: { token: address.searchParams.get('token'), password: 'another long password' },
    });
    assert.ok(again.status() >= 400 && again.status() < 500, `the link works once: ${again.status()}`);
    await j.close(page.context());
  });

  let page;
  step('the list has nothing that changes anything', async () => {
    page = await j.person({ email: reader.email, password: reader.password });
    await page.goto('/customers');
    await rows(page, 1);
    for (const name of [/Create/, /^Import/, /Delete/, /^Update/, 'Save view']) {
      assert.equal(await page.getByRole('button', { name }).count(), 0, `button ${name}`);
      assert.equal(await page.getByRole('link', { name }).count(), 0, `link ${name}`);
    }
    const more = page.getByRole('main').getByRole('button', { name: 'More', exact: true });
    if (await more.count()) {
      await more.click();
      await page.getByRole('menu').waitFor();
      const items = await page.getByRole('menuitem').allInnerTexts();
      assert.deepEqual(
        items.filter((t) => !/^Export/.test(t)),
        [],
        'only exports',
      );
      await page.keyboard.press('Escape');
    }
    const nav = page.getByRole('navigation', { name: 'Main navigation' });
    for (const name of ['Imports', 'Staff', 'API tokens'])
      assert.equal(await nav.getByRole('link', { name }).count(), 0, name);
  });

  step('nor has the customer, the group, or the palette', async () => {
    await page.goto(`/customers/${one.id}`);
    await page.getByRole('heading', { level: 1, name: 'Sildre Nett' }).waitFor();
    for (const name of ['Edit', 'Change status', 'More', 'Delete']) {
      assert.equal(await page.getByRole('main').getByRole('button', { name, exact: true }).count(), 0, name);
      assert.equal(await page.getByRole('main').getByRole('link', { name, exact: true }).count(), 0, name);
    }
    await page.goto('/groups');
    await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Create group' }).count(), 0);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /Find a customer/ }).fill('create');
    await until(() => page.getByRole('option', { name: /Create/ }).count(), 0, 'actions in the palette');
    await page.keyboard.press('Escape');
  });

  step('a forbidden page says so, and the API refuses', async () => {
    for (const path of [
      '/customers/new',
      '/providers/new',
      `/customers/${one.id}/edit`,
      '/imports/new',
      '/settings/staff',
      '/settings/api-tokens',
    ]) {
      await page.goto(path);
      await page.getByText('Not allowed', { exact: true }).waitFor();
    }
    const request = page.context().request;
    const tries = [
      ['POST', '/api/v1/customers', { kind: 'customer', company: 'x', billing_type: 'prepaid' }],
      ['PATCH', `/api/v1/customers/${one.id}`, { city: 'x' }],
      ['DELETE', `/api/v1/customers/${one.id}`],
      [
        'POST',
        '/api/v1/customers/bulk-update',
        { filter: { and: [] }, changes: [{ field: 'city', op: 'clear' }] },
      ],
      ['POST', '/api/v1/staff', { name: 'x', email: 'x@example.net', role: 'admin' }],
    ];
    for (const [method, path, data] of tries) {
      const answer = await request.fetch(path, { method, data, headers: { 'If-Match': `"${one.version}"` } });
      assert.equal(answer.status(), 403, `${method} ${path}`);
    }
    assert.equal((await j.api('GET', '/customers?total=exact')).total, 1);
  });

  step('a disabled user is out at once', async () => {
    const staff = (await j.api('GET', '/staff')).items.find((s) => s.email === reader.email);
    await j.api('PATCH', `/staff/${staff.id}`, { status: 'disabled' }, { 'If-Match': `"${staff.version}"` });
    await page.goto('/customers');
    await at(page, '/sign-in');
    assert.equal(await grid(page).count(), 0);
  });
});
