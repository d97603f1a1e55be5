// Dialogs, menus and messages on top of the pages, seen as in the journey before.
import { journey } from '../lib/journey.mjs';
import { fitsEverywhere, look, looks, records, settled, visitor } from '../lib/looks.mjs';
import { address, scenes } from '../lib/visits.mjs';

journey('access to what opens', { demo: 120, independent: true }, (step, j) => {
  let ids;
  let n = 0;
  step('records are there', async () => {
    ids = await records(j);
  });

  for (const [route, name, act, options = {}] of scenes) {
    step(`${name} on ${route}`, async () => {
      for (const one of looks(n++)) {
        const page = await visitor(j, one, options.signedOut);
        await page.goto(address(route, ids));
        await settled(page);
        await act(page);
        const what = `${name} on ${route}, ${one.scheme}, ${one.width} px`;
        await look(page, what, { onTop: true });
        await fitsEverywhere(page, what);
        await page.close();
      }
    });
  }
});
