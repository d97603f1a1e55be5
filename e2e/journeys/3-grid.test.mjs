// The list as somebody uses it who lives in it all day.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import {
  at,
  button,
  cell,
  columns,
  columnTexts,
  dialog,
  download,
  grid,
  header,
  path,
  rowCount,
  rows,
  search,
  total,
  until,
} from '../lib/ui.mjs';

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());
const widthOf = async (page, name) => Math.round((await header(page, name).boundingBox()).width);

/** The mouse, slowly enough to be a drag. */
async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, to.y, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

const saved = (page) =>
  page.waitForResponse((r) => r.url().includes('/preferences/') && r.request().method() === 'PUT' && r.ok());

journey('grid', { demo: 600 }, (step, j) => {
  let all;
  step('a click on the heading sorts, up and then down', async () => {
    const { page } = j;
    all = await total(j);
    assert.ok(all >= 600, `the demo has ${all} customers`);
    await page.goto('/customers');
    await rows(page, all);
    for (const [sort, dir] of [
      ['name', 'ascending'],
      ['-name', 'descending'],
    ]) {
      await header(page, 'Name').click();
      await until(() => header(page, 'Name').getAttribute('aria-sort'), dir, 'aria-sort');
      const wanted = (await j.api('GET', `/customers?sort=${sort}&limit=10`)).items.map((c) => c.name);
      await until(
        async () => JSON.stringify(await columnTexts(page, 'Name')),
        JSON.stringify(wanted),
        `rows ${dir}`,
      );
    }
  });

  step('a width, an order and what is hidden are kept over a reload', async () => {
    const { page } = j;
    const before = await columns(page);
    const wide = await widthOf(page, 'Name');
    const edge = await header(page, 'Name').boundingBox();
    let kept = saved(page);
    await drag(
      page,
      { x: edge.x + edge.width - 2, y: edge.y + 18 },
      { x: edge.x + edge.width + 78, y: edge.y + 18 },
    );
    await until(
      () => widthOf(page, 'Name'),
      (w) => Math.abs(w - wide - 80) <= 3,
      'the new width',
    );
    await kept;

    const status = await header(page, 'Status').boundingBox();
    const kind = await header(page, 'Kind').boundingBox();
    kept = saved(page);
    await drag(page, { x: status.x + 30, y: status.y + 18 }, { x: kind.x + 8, y: kind.y + 18 });
    await until(
      async () => (await columns(page)).indexOf('Status') < (await columns(page)).indexOf('Kind'),
      true,
      'Status before Kind',
    );
    await kept;

    kept = saved(page);
    await button(page, 'Columns').click();
    await dialog(page).getByRole('checkbox', { name: 'Company' }).click();
    await page.keyboard.press('Escape');
    await until(async () => (await columns(page)).includes('Company'), false, 'Company is hidden');
    await kept;

    const after = await columns(page);
    assert.equal(after.length, before.length - 1);
    await page.reload();
    await rows(page, all);
    assert.deepEqual(await columns(page), after);
    assert.ok(Math.abs((await widthOf(page, 'Name')) - wide - 80) <= 3, 'the width after a reload');
  });

  step('a range of cells is counted in the status bar and copied as a table', async () => {
    const { page } = j;
    const names = (await columnTexts(page, 'Name', 3)).slice(0, 3);
    await cell(page, 0, 0).click({ position: { x: 150, y: 8 } });
    await cell(page, 2, 1).click({ modifiers: ['Shift'], position: { x: 60, y: 8 } });
    const sums = page.locator('dl').filter({ hasText: 'Cells' });
    await until(
      async () => (await sums.innerText()).replace(/\s+/g, ' '),
      (s) => /Cells 6 Count 6/i.test(s),
      'the status bar',
    );
    await page.keyboard.press('Control+c');
    await page.getByText('6 cells copied').first().waitFor();
    const table = (await clipboard(page))
      .trimEnd()
      .split(/\r?\n/)
      .map((l) => l.split('\t'));
    assert.equal(table.length, 3);
    assert.ok(
      table.every((line) => line.length === 2),
      'two columns',
    );
    assert.deepEqual(
      table.map((line) => line[0]),
      names,
    );
  });

  step('the right mouse button copies with headers and exports the cells', async () => {
    const { page } = j;
    await cell(page, 1, 1).click({ button: 'right', position: { x: 60, y: 8 } });
    await page.getByRole('menuitem', { name: 'Copy with headers' }).click();
    await until(async () => (await clipboard(page)).split(/\r?\n/)[0].split('\t')[0], 'Name', 'headers');
    await cell(page, 1, 1).click({ button: 'right', position: { x: 60, y: 8 } });
    const csv = await download(page, () => page.getByRole('menuitem', { name: 'CSV' }).first().click());
    const lines = (await csv.text())
      .replace(/^\uFEFF/, '')
      .trim()
      .split(/\r?\n/);
    assert.equal(lines.length, 4, 'a heading and three rows');
    await cell(page, 1, 1).click({ button: 'right', position: { x: 60, y: 8 } });
    const xlsx = await download(page, () =>
      page.getByRole('menuitem', { name: 'Excel (XLSX)' }).last().click(),
    );
    assert.match(xlsx.name, /\.xlsx$/);
  });

  step('numbers in a range are added up, far rows included', async () => {
    const { page } = j;
    await page.goto('/customers?sort=name');
    await rows(page, all);
    await grid(page).focus();
    await page.keyboard.press('Control+a');
    await until(
      async () => (await page.locator('dl').filter({ hasText: 'Cells' }).innerText()).replace(/\s+/g, ' '),
      (s) => /Count [\d,]+/i.test(s),
      'the status bar',
    );
  });

  step('chosen cells of any length are saved by a key and from the menu button', async () => {
    const { page } = j;
    const lines = async (file) =>
      (await file.text())
        .replace(/^\uFEFF/, '')
        .trim()
        .split(/\r?\n/);
    await cell(page, 1, 1).click({ position: { x: 60, y: 8 } });
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Control+Shift+End');
    const whole = await lines(await download(page, () => page.keyboard.press('Control+s')));
    assert.equal(whole.length, all, 'a heading and every row but the first');
    await page.keyboard.press('Control+Home');
    await cell(page, 1, 1).click({ position: { x: 60, y: 8 } });
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    const names = await columnTexts(page, 'Customer ID', 3);
    const key = await download(page, () => page.keyboard.press('Control+Shift+s'));
    assert.match(key.name, /\.xlsx$/);
    await button(page, 'Export and more').click();
    await page.getByText('Export 2 × 2 chosen cells').waitFor();
    const file = await download(page, () => page.getByRole('menuitem', { name: 'CSV' }).first().click());
    const rows = await lines(file);
    assert.equal(rows.length, 3);
    assert.ok(
      rows.slice(1).every((line, i) => line.includes(names[i + 1])),
      'the rows that were chosen',
    );
  });

  step('words are found by any fragment', async () => {
    const { page } = j;
    const [someone] = (await j.api('GET', '/customers?sort=-name&limit=1')).items;
    await page.getByRole('searchbox').fill(someone.customer_id.slice(2, 6).toUpperCase());
    await until(
      () => search(page).get('q'),
      (q) => !!q,
      'the words are in the address',
    );
    await until(
      () => rowCount(page).catch(() => -1),
      (n) => n >= 1 && n < all,
      'found',
    );
    await button(page, 'Clear the search').click();
    await rows(page, all);
  });

  step('all of it works without a mouse', async () => {
    const { page } = j;
    await page.goto('/customers?sort=name');
    await rows(page, all);
    await page.locator('body').press('Tab');
    for (let i = 0; i < 40; i++) {
      if (await grid(page).evaluate((g) => g === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    assert.ok(
      await grid(page).evaluate((g) => g === document.activeElement),
      'the grid can be reached with Tab',
    );
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Control+c');
    const name = (await columnTexts(page, 'Name', 3))[2];
    await until(
      () => clipboard(page),
      (t) => t.split('\t')[0] === name,
      'what was copied',
    );
    await page.keyboard.press(' ');
    await page.getByText('1 selected', { exact: true }).waitFor();
    // Into the heading: sort by the first column, downwards.
    await page.keyboard.press('Escape');
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await until(
      () => search(page).get('sort'),
      (s) => s !== 'name',
      'sorted by the keyboard',
    );
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Sort ascending' }).waitFor();
    await page.keyboard.press('Escape');
    await until(() => grid(page).evaluate((g) => g === document.activeElement), true, 'the focus is back');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/customers\/cus_/);
    await page.goBack();
    await at(page, '/customers');
    assert.equal(path(page), '/customers');
  });

  step('the columns go back to how they were at first', async () => {
    const { page } = j;
    await rows(page, all);
    await button(page, 'Columns').click();
    await dialog(page).getByRole('button', { name: 'As at first' }).click();
    await page.keyboard.press('Escape');
    await until(async () => (await columns(page)).includes('Company'), true, 'Company is back');
  });
});
