// Pictures of every address in light and dark, at three widths, with data, empty and in error, and of what opens on
// top, for somebody who looks at them all: npm run screens [-- WORD...]. They land in results/screens as they are, and
// as sheets of all looks of one screen.
//   E2E_LANGUAGE=es|fr|pseudo   in that language
//   E2E_URL, E2E_SIGN_IN     a server that runs already, and "e-mail password" for it; otherwise a demo is started
//   E2E_WIDTHS, E2E_SCHEMES  fewer looks: "360,1440", "dark"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Journey, launch } from './lib/journey.mjs';
import { records, settled } from './lib/looks.mjs';
import { root, serve } from './lib/server.mjs';
import { address, scenes, visits } from './lib/visits.mjs';

const folder = join(root, 'e2e/results/screens');
const wanted = process.argv.slice(2);
const list = (name, standard) => (process.env[name] ?? standard).split(',');
const widths = list('E2E_WIDTHS', '1440,768,360').map(Number);
const schemes = list('E2E_SCHEMES', 'light,dark');
const language = process.env.E2E_LANGUAGE ?? 'en';

const j = new Journey();

async function server() {
  if (!process.env.E2E_URL) return serve({ demo: 600 });
  const [email, password] = (process.env.E2E_SIGN_IN ?? 'demo@example.com tandem-demo').split(' ');
  return {
    url: process.env.E2E_URL,
    email,
    password,
    log: [],
    stop: async () => undefined,
  };
}

/** Every screen: [name, route, options of the visit, what is done]. */
function* screens() {
  for (const [route, visit] of Object.entries(visits)) {
    yield [`${route} with data`, route, visit];
    for (const state of ['empty', 'error'])
      if (visit[state]) yield [`${route} ${state}`, route, visit, visit[state]];
    for (const [state, before] of Object.entries(visit.more ?? {}))
      yield [`${route} ${state}`, route, visit, before];
  }
  for (const [route, name, act, options = {}] of scenes)
    yield [`${route} ${name}`, route, options, undefined, act];
}

async function shoot([name, route, options, before, act], { scheme, width }, ids) {
  const page = await j.person({
    signIn: !options.signedOut,
    colorScheme: scheme,
    width,
    height: width === 360 ? 740 : 900,
    locale: { es: 'es-ES', fr: 'fr-FR' }[language] ?? 'en-GB',
  });
  await page.addInitScript((code) => localStorage.setItem('tandem-language', code), language);
  const file = `${name.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'root'}-${scheme}-${width}.png`;
  try {
    await before?.(page);
    if (page.url() === 'about:blank') await page.goto(address(route, ids));
    await settled(page);
    // What is done on top is found by its English words.
    if (language === 'en') await act?.(page);
    await settled(page);
  } catch (error) {
    console.error(`${file}: ${String(error).split('\n')[0]}`);
  }
  writeFileSync(join(folder, file), await page.screenshot({ scale: 'css' }));
  await j.close(page.context());
  return file;
}

/** All looks of one screen side by side. */
async function sheet(name, files) {
  const page = await j.person({ signIn: false, width: 1900, height: 700 });
  const images = files.map((f) => {
    const width = Number(/-(\d+)\.png$/.exec(f)[1]);
    const data = readFileSync(join(folder, f)).toString('base64');
    return `<img src="data:image/png;base64,${data}" style="width:${width === 1440 ? 900 : width === 768 ? 560 : 330}px">`;
  });
  await page.setContent(
    `<body style="margin:8px;background:#888;display:flex;flex-wrap:wrap;gap:8px;align-items:start">${images.join('')}`,
  );
  const slug = name.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'root';
  writeFileSync(join(folder, `sheet-${slug}.png`), await page.screenshot({ fullPage: true, scale: 'css' }));
  await j.close(page.context());
}

try {
  [j.server, j.browser] = await Promise.all([server(), launch()]);
  j.page = await j.person();
  const ids = await records(j);
  if (!wanted.length) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const screen of screens()) {
    if (wanted.length && !wanted.some((w) => screen[0].includes(w))) continue;
    if (language !== 'en' && screen[4]) continue;
    const files = [];
    for (const scheme of schemes)
      for (const width of widths) files.push(await shoot(screen, { scheme, width }, ids));
    await sheet(screen[0], files);
    console.log(screen[0]);
  }
} finally {
  await j.browser?.close();
  await j.server?.stop();
}
