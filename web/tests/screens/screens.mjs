// Pictures of the screens and axe on each, against the stand-in server:
//   npm run screens [-- --only=customer --no-axe --widths=360,1440 --schemes=dark]
// Writes tests/screens/out/*.png and fails when axe or the console finds anything.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import AxeBuilderModule from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { start } from '../mock/server.mjs';
import { screens } from './list.mjs';

const AxeBuilder = AxeBuilderModule.default ?? AxeBuilderModule;
const args = Object.fromEntries(process.argv.slice(2).map((a) => a.replace(/^--/, '').split('=')));
const widths = (args.widths ?? '360,768,1440').split(',').map(Number);
const schemes = (args.schemes ?? 'light,dark').split(',');
const out = args.out ?? fileURLToPath(new URL('./out', import.meta.url));
mkdirSync(out, { recursive: true });

const chosen = screens.filter((s) => !args.only || args.only.split(',').some((o) => s.name.startsWith(o)));
const mock = await start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
let bad = 0;
const report = (text) => {
  bad++;
  console.log(text);
};

async function visit(screen, width, scheme) {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 740 : 900 },
    colorScheme: scheme,
    locale: 'en-GB',
    timezoneId: 'Europe/Oslo',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(6000);
  const name = `${screen.name}-${width}-${scheme}`;
  if (args.lang) await page.addInitScript(`localStorage.setItem('tandem-language', '${args.lang}')`);
  const allowed = screen.allow ?? [];
  page.on('console', (m) => {
    if (m.type() === 'error' && !allowed.some((a) => m.text().includes(a)))
      report(`${name}: console: ${m.text()}`);
  });
  page.on('pageerror', (e) => report(`${name}: ${e}`));
  Object.assign(mock.state, { signedIn: true, needsSetup: false }, screen.state ?? {});
  if (screen.before) await screen.before(page);
  await page.goto(mock.url + screen.path);
  await page.waitForSelector(screen.wait ?? 'h1');
  if (screen.act) await screen.act(page);
  await page.waitForTimeout(250);
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: screen.full ?? false });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) report(`${name}: ${overflow} px wider than the window`);
  if (!('no-axe' in args)) {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    for (const v of violations)
      report(
        `${name}: axe ${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target} ${n.any[0]?.message ?? ''}`)
          .join(' | ')}`,
      );
  }
  await context.close();
}

for (const screen of chosen) {
  for (const width of widths) {
    for (const scheme of schemes) {
      try {
        await visit(screen, width, scheme);
      } catch (error) {
        report(`${screen.name}-${width}-${scheme}: ${String(error).split('\n').slice(0, 4).join(' ')}`);
      }
    }
  }
}
await browser.close();
mock.close();
console.log(bad === 0 ? `${chosen.length} screens, nothing found` : `${bad} findings`);
process.exitCode = bad === 0 ? 0 : 1;
