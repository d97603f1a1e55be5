// The console's own words and shapes, in one place.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from './journey.mjs';

export const grid = (page) => page.getByRole('grid');
export const cell = (page, row, col) => page.locator(`[role=grid] [data-row="${row}"] [data-col="${col}"]`);
export const header = (page, name) => page.getByRole('columnheader', { name, exact: true });
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const dialog = (page) => page.getByRole('dialog');

/** Until the grid says that it has so many rows: "4,871 rows". */
export async function rows(page, n) {
  const words = `${n.toLocaleString('en-GB')} ${n === 1 ? 'row' : 'rows'}`;
  await page.getByText(words, { exact: true }).waitFor();
}

/** How many customers the server has. */
export const total = async (j) => (await j.api('GET', '/customers?limit=1&total=exact')).total;

/** How many rows the grid says. */
export async function rowCount(page) {
  const text = await page.getByText(/^(about )?[\d,]+ rows?$/).innerText();
  return Number(text.replace(/\D/g, ''));
}

/** Texts of the header cells from left to right. */
export async function columns(page) {
  return page
    .locator('[role=grid] [data-head]')
    .evaluateAll((cells) =>
      cells.sort((a, b) => a.dataset.head - b.dataset.head).map((c) => c.firstElementChild.textContent),
    );
}

/** Texts of one column in the first rows. */
export async function columnTexts(page, name, count = 10) {
  const col = await header(page, name).getAttribute('data-head');
  // Only the columns on screen are drawn.
  await header(page, name).scrollIntoViewIfNeeded();
  await cell(page, 0, col).waitFor();
  return page.evaluate(
    ([at, n]) =>
      [...document.querySelectorAll('[role=grid] [data-row]')]
        .sort((a, b) => a.dataset.row - b.dataset.row)
        .slice(0, n)
        .map((r) => r.querySelector(`[data-col="${at}"]`)?.textContent ?? ''),
    [col, count],
  );
}

/** Picks from a select whose label or accessible name is given. */
export async function choose(scope, label, option) {
  const page = scope.page?.() ?? scope;
  const input = scope
    .getByRole('combobox', { name: label, exact: true })
    .or(scope.getByRole('textbox', { name: label, exact: true }))
    .first();
  await input.click();
  const item = page.getByRole('option', { name: option, exact: true });
  await item.first().waitFor();
  await item.first().click();
}

/** One line of the bulk update: what becomes of a field. A value with options is picked, another one is written. */
export async function change(page, field, action, value, pick = false) {
  await choose(dialog(page), field, action);
  const name = `${field}, value`;
  if (pick) await choose(dialog(page), name, value);
  else await dialog(page).getByLabel(name, { exact: true }).fill(value);
}

/** Takes the file that a click gives. */
export async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return {
    name: file.suggestedFilename(),
    path: await file.path(),
    text: async () => readFileSync(await file.path(), 'utf8'),
  };
}

export const path = (page) => new URL(page.url()).pathname;
export const search = (page) => new URL(page.url()).searchParams;

/** Until the page is at this path. */
export const at = (page, wanted) => page.waitForURL((url) => url.pathname === wanted);

/** Fills inputs by their labels. */
export async function fill(scope, values) {
  for (const [label, value] of Object.entries(values)) {
    // By role where it has one: the label of a required field ends with a star. A password has no role.
    const box = scope.getByRole('textbox', { name: label, exact: true });
    await box
      .or(scope.getByLabel(label, { exact: true }))
      .first()
      .fill(value);
  }
}

/** Names of the fields that are marked as wrong. */
export async function wrongFields(page) {
  return page.locator('[aria-invalid="true"]').evaluateAll((inputs) => inputs.map((i) => i.name || i.id));
}

/** No wider than the window: only tables may scroll sideways. */
export async function fits(page, what) {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(over <= 0, `${what} is ${over} px wider than the window`);
}

/** The figures under the headings of a summary: {Rows: 5000, Wrong: 129}. */
export async function figures(scope) {
  const pairs = await scope
    .locator('dl > div')
    .evaluateAll((items) =>
      items.map((i) => [i.querySelector('dt').textContent, i.querySelector('dd').textContent]),
    );
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value.replace(/\D/g, ''))]));
}

export { until };
