// Every address of the console in light and dark, at three widths, with data, empty and in error: axe finds nothing,
// and nothing scrolls sideways but tables. The short form takes each address with data, and every third in one other
// state too; theme, width and that state go round. E2E_FULL=1 takes all of them.
import assert from 'node:assert/strict';
import { full, journey } from '../lib/journey.mjs';
import { fitsEverywhere, look, looks, records, visitor } from '../lib/looks.mjs';
import { routes } from '../lib/routes.mjs';
import { address, visits } from '../lib/visits.mjs';

journey('access to every address', { demo: 120, independent: true }, (step, j) => {
  let ids;
  let n = 0;

  step('every route of the router is visited here', async () => {
    const all = routes();
    assert.deepEqual(
      all.filter((r) => !(r in visits)),
      [],
      'a new route needs a visit in lib/visits.mjs',
    );
    assert.deepEqual(
      Object.keys(visits).filter((r) => !all.includes(r)),
      [],
      'a visit to a route that is gone',
    );
    ids = await records(j);
  });

  for (const route of Object.keys(visits)) {
    const visit = visits[route];
    const states = {
      'with data': undefined,
      ...(visit.empty && { empty: visit.empty }),
      ...(visit.error && { 'in error': visit.error }),
      ...visit.more,
    };
    const turn = n++;
    step(`${route} ${Object.keys(states).join(', ')}`, async () => {
      const others = Object.keys(states).length - 1;
      for (const [i, [state, before]] of Object.entries(states).entries()) {
        if (!full && i !== 0 && (turn % 3 || i !== 1 + ((turn / 3) % others))) continue;
        for (const one of looks(turn + i)) {
          const page = await visitor(j, one, visit.signedOut);
          const what = `${route} ${state}, ${one.scheme}, ${one.width} px`;
          await before?.(page);
          if (page.url() === 'about:blank') await page.goto(address(route, ids));
          await look(page, what);
          await fitsEverywhere(page, what);
          await page.close();
        }
      }
    });
  }
});
