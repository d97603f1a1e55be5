// What is around every page: palette, keys, theme, language.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { at, button, dialog, fill, fits, path, rows, total, until } from '../lib/ui.mjs';

const menu = (page) => page.getByRole('button', { name: /^Account of|^Cuenta de/ });
const scheme = (page) => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

journey('shell', { demo: 300 }, (step, j) => {
  step('Ctrl-K finds a customer by a fragment, and pages and actions', async () => {
    const { page } = j;
    await page.goto('/jobs');
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    const [someone] = (await j.api('GET', '/customers?sort=name&limit=1&q=a')).items;
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox', { name: /Find a customer/ });
    await box.fill(someone.customer_id.slice(1, 7));
    await page
      .getByRole('option', { name: new RegExp(escaped(someone.name)) })
      .first()
      .waitFor();
    const behind = page.getByRole('dialog').locator('..');
    assert.equal(
      await behind.evaluate((e) => getComputedStyle(e).backgroundColor),
      'rgba(0, 0, 0, 0)',
      'the page is seen behind the palette',
    );
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/customers\/(cus_)?/);
    await page.getByRole('heading', { level: 1, name: someone.name }).waitFor();
    await page.keyboard.press('Control+k');
    await box.fill('create prov');
    await page.getByRole('option', { name: 'Create provider' }).waitFor();
    await page.keyboard.press('Enter');
    await at(page, '/providers/new');
  });

  step('? lists the keys, and the keys work', async () => {
    const { page } = j;
    await page.goto('/groups');
    await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
    await page.keyboard.press('?');
    await dialog(page).getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await dialog(page).getByText('Audit log').waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await at(page, '/audit');
  });

  step('light and dark follow the system until somebody chooses', async () => {
    const { page } = j;
    const night = await j.person({ colorScheme: 'dark' });
    await night.goto('/customers');
    await rows(night, await total(j));
    assert.equal(await scheme(night), 'dark');
    await j.close(night.context());
    await page.goto('/customers');
    assert.equal(await scheme(page), 'light');
    const light = await ground(page);
    await menu(page).click();
    await page.getByText('Dark', { exact: true }).locator('..').click();
    await until(() => scheme(page), 'dark', 'the scheme');
    assert.notEqual(await ground(page), light);
    await page.reload();
    assert.equal(await scheme(page), 'dark');
    await menu(page).click();
    await page.getByText('Like the system', { exact: true }).locator('..').click();
    await until(() => scheme(page), 'light', 'the scheme of the system');
  });

  step('another language is one click away and stays', async () => {
    const { page } = j;
    await page.goto('/customers');
    await menu(page).click();
    await page.getByText('Español', { exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Clientes' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Clientes' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');
    await page.goto('/customers/new');
    await fill(page, { 'Correo electrónico': 'no', Teléfono: 'no' });
    await button(page, 'Guardar y continuar').click();
    await page.getByText('«no» no es una dirección de correo.').waitFor();
    await page.getByText('«no» no puede ser un teléfono', { exact: false }).waitFor();
    await page.goto('/audit');
    await page.getByRole('grid').getByText('Inició sesión').first().waitFor();
    await page.goto('/customers');
    await page.getByRole('heading', { level: 1, name: 'Clientes' }).waitFor();
    await menu(page).click();
    await page.getByText('English', { exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Customers' }).waitFor();
  });

  step('long foreign words break nothing', async () => {
    const [one] = (await j.api('GET', '/customers?limit=1')).items;
    for (const width of [360, 1440]) {
      const page = await j.person({ width, height: 800 });
      await page.addInitScript(() => localStorage.setItem('tandem-language', 'pseudo'));
      for (const place of [
        '/customers',
        `/customers/${one.id}`,
        '/customers/new',
        '/imports/new',
        '/groups',
        '/audit',
        '/settings/general',
      ]) {
        await page.goto(place);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        await fits(page, `${place} at ${width} px in the pseudo-locale`);
        const raw = await page.evaluate(
          () => document.body.innerText.match(/\b[a-z]+(\.[a-zA-Z_]+){1,3}\b(?=\s|$)/g) ?? [],
        );
        const keys = raw.filter((w) =>
          /^(customer|grid|nav|form|field|imports|audit|group|settings|jobs)\./.test(w),
        );
        assert.deepEqual(keys, [], `catalogue keys on ${place}`);
        assert.equal(path(page), place);
      }
      await j.close(page.context());
    }
  });

  step('a session that ends in the middle of a form loses nothing that was typed', async () => {
    const page = await j.person();
    await page.goto('/customers/new');
    await fill(page, { Company: 'Midt i setningen AS' });
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await button(page, 'Save and continue').click();
    const box = dialog(page);
    await box.getByText('Nothing you typed is lost.', { exact: false }).waitFor();
    await box.getByLabel(`Password of ${j.server.email}`).fill('not this one');
    await box.getByRole('button', { name: 'Sign in' }).click();
    await box.getByRole('alert').waitFor();
    await box.getByLabel(`Password of ${j.server.email}`).fill(j.server.password);
    await box.getByRole('button', { name: 'Sign in' }).click();
    await box.waitFor({ state: 'hidden' });
    await button(page, 'Save and continue').click();
    await at(page, '/customers');
    await page.getByRole('grid').getByText('Midt i setningen AS').first().waitFor({ state: 'attached' });
    // And in another tab: signed in there is signed in here.
    await page.context().clearCookies();
    await button(page, 'Export and more').click();
    await page.getByRole('menuitem', { name: 'Refresh' }).click();
    await dialog(page).getByText('Nothing you typed is lost.', { exact: false }).waitFor();
    await page.context().addCookies(cookies);
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await dialog(page).waitFor({ state: 'hidden' });
    await j.close(page.context());
  });

  step('a line that was down brings the list up to date by itself', async () => {
    const page = await j.person();
    await page.goto('/customers');
    const before = await total(j);
    await rows(page, before);
    await page.context().setOffline(true);
    await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Mens linja var nede',
      billing_type: 'prepaid',
    });
    await page.context().setOffline(false);
    await rows(page, before + 1);
    await j.close(page.context());
  });

  step('an unknown address says so and keeps the way back', async () => {
    const { page } = j;
    await page.goto('/no/such/page');
    await page.getByText('Nothing is here').waitFor();
    await page
      .getByRole('link', { name: 'To the customers' })
      .or(button(page, 'To the customers'))
      .first()
      .click();
    await at(page, '/customers');
  });
});

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
