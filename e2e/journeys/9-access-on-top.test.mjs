// Dialogs, menus and messages on top of the pages, seen as in the journey before.
import { journey } from '../lib/journey.mjs';
import { fitsEverywhere, look, looks, records, settled } from '../lib/looks.mjs';
import { address, scenes } from '../lib/visits.mjs';

journey('access to what opens', { demo: 120, independent: true }, (step, j) => {
  let ids;
  let n = 0;
  step('records are there', async () => {
    ids = await records(j);
  });

  for (const [route, name, act, options = {}] of scenes) {
    step(`${name} on ${route}`, async () => {
      for (const { scheme, width } of looks(n++)) {
        const page = await j.person({ signIn: !options.signedOut, colorScheme: scheme, width, height: width === 360 ? 740 : 900 });
        await page.goto(address(route, ids));
        await settled(page);
        await act(page);
        const what = `${name} on ${route}, ${scheme}, ${width} px`;
        await look(page, what);
        await fitsEverywhere(page, what);
        await j.close(page.context());
      }
    });
  }
});
