// Scrolling a long list. Only in the full form (run.mjs leaves it out otherwise): the figure needs a machine that does
// nothing else.
import assert from 'node:assert/strict';
import { journey } from '../lib/journey.mjs';
import { cell, grid, rows, total } from '../lib/ui.mjs';

const count = 5000;
const longest = 200;

journey('speed', { demo: count }, (step, j) => {
  step(`no task over ${longest} ms while scrolling ${count} rows`, async () => {
    const { page } = j;
    const all = await total(j);
    await page.goto('/customers');
    await rows(page, all);
    await cell(page, 0, 0).waitFor();
    await page.evaluate(() => {
      window.longTasks = [];
      new PerformanceObserver((list) =>
        window.longTasks.push(...list.getEntries().map((e) => Math.round(e.duration))),
      ).observe({ type: 'longtask' });
    });
    const box = await grid(page).boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (let i = 0; i < 120; i++) await page.mouse.wheel(i % 10 === 0 ? 300 : 0, 900);
    await page.keyboard.press('Tab');
    await grid(page).focus();
    await page.keyboard.press('Control+End');
    await cell(page, all - 1, 0).waitFor();
    const tasks = await page.evaluate(() => window.longTasks.sort((a, b) => b - a));
    console.log(`long tasks in ms: ${tasks.slice(0, 10).join(', ') || 'none'}`);
    assert.ok((tasks[0] ?? 0) <= longest, `the longest took ${tasks[0]} ms`);
  });
});
