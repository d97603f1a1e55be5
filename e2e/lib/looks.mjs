// Looking at a page: axe finds nothing, and nothing is wider than the window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axeModule from '@axe-core/playwright';
import { full, until } from './journey.mjs';
import { root } from './server.mjs';
import { fits } from './ui.mjs';

const AxeBuilder = axeModule.default ?? axeModule;
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [360, 768, 1440];
const schemes = ['light', 'dark'];

/** Each look in turn, or all of them in the full form. */
export function looks(n) {
  const all = schemes.flatMap((scheme) => widths.map((width) => ({ scheme, width })));
  return full ? all : [all[n % all.length]];
}

/** A page in this look, in a browser of its own scheme that has the console's files already. */
export async function visitor(j, { scheme, width }, signedOut) {
  const seen = (j.visitors ??= new Map());
  const key = `${scheme} ${signedOut}`;
  if (!seen.has(key)) {
    const first = await j.person({ signIn: !signedOut, colorScheme: scheme });
    seen.set(key, first.context());
    await first.close();
  }
  const page = await seen.get(key).newPage();
  j.watch(page);
  await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
  return page;
}

/** Until nothing is loading any more. */
export async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(
    () =>
      !document.querySelector(
        '[aria-busy="true"], .mantine-Skeleton-root[data-visible], .mantine-Loader-root, .mantine-Button-root[data-loading]',
      ),
  );
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((a) => a.effect?.getComputedTiming().iterations !== Infinity)
        .map((a) => a.finished.catch(() => undefined)),
    ),
  );
}

/**
 * What opens on top (menus, tooltips) is drawn at the end of the page, outside every landmark: axe's advice on regions
 * does not fit it, and is not a rule of WCAG. The rows of a long list are all alike: the short form looks at some.
 */
export async function look(page, what, { onTop = false } = {}) {
  await settled(page);
  let axe = new AxeBuilder({ page }).setLegacyMode(true).withTags(tags); // no frames: no page of its own for the result
  if (onTop) axe = axe.disableRules('region');
  if (!full) axe = axe.exclude('[role=grid] [data-row]:nth-child(n+7)').exclude('tbody tr:nth-child(n+9)');
  const { violations } = await axe.analyze();
  const found = violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .slice(0, 3)
        .map((n) => `${n.target} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`)
        .join(' | ')}`,
  );
  assert.deepEqual(found, [], `axe finds something on ${what}`);
}

/** At every width; the window is made narrower, as a person would. */
export async function fitsEverywhere(page, what) {
  const { width, height } = page.viewportSize();
  for (const w of widths) {
    await page.setViewportSize({ width: w, height });
    await fits(page, `${what} at ${w} px`);
  }
  await page.setViewportSize({ width, height });
}

/** Records for the pages that show one. */
export async function records(j) {
  const customers = (await j.api('GET', '/customers?sort=-created_at&limit=200')).items;
  const customer = customers.find((c) => c.groups.length && Object.keys(c.custom).length) ?? customers[0];
  await j.api(
    'PATCH',
    `/customers/${customer.id}`,
    { city: 'Ålesund', description: 'Asked for a second line.' },
    { 'If-Match': `"${customer.version}"`, 'Tandem-Comment': 'By telephone' },
  );
  const job = await j.api('POST', '/customers/bulk-update', {
    ids: customers.slice(0, 30).map((c) => c.id),
    changes: [{ field: 'description', op: 'set', value: 'Looked at' }],
  });
  const group = (await j.api('GET', '/groups?limit=1')).items[0];
  await j.api('POST', '/sign-in-providers', {
    name: 'Nordlys login',
    issuer: 'https://login.example.com',
    client_id: 'tandem',
  });
  const contact = await j.api('POST', `/customers/${customer.id}/contacts`, {
    name: 'Åse Kjærgård',
    email: 'aase@example.org',
    email_verified: true,
    mobile: '+4741234567',
    type: 'Night shift',
    public_notes: 'Not before nine.',
    allowed_ips: ['192.0.2.0/24'],
  });
  const delayed = await j.api(
    'PATCH',
    `/customers/${customer.id}`,
    { city: 'Bergen', description: 'Moves' },
    { 'Tandem-Apply-At': '+5d', 'Tandem-Revert-At': '+9d', 'Tandem-Comment': 'Moves for the summer' },
  );
  const email = await j.api('POST', '/emails', {
    customer: customers.find((c) => c.email).id,
    subject: 'Your new line',
    text: 'We come on Monday.',
  });
  const { webhook, delivery } = await hook(j);
  const role = (await j.api('GET', '/roles')).items[0];
  const staff = (await j.api('GET', '/staff?limit=1')).items[0];
  const draft = await upload(j);
  const checked = await upload(j);
  const done = await upload(j, 'magoware-customers.csv');
  await goOn(j, checked, 'check', 'checked');
  await goOn(j, done, 'check', 'checked');
  await goOn(j, done, 'run', 'done');
  await until(async () => (await j.api('GET', `/jobs/${job.id}`)).state, 'done', 'the bulk update');
  return {
    customer: customer.id,
    reseller: (await reseller(j, customers)).id,
    group: group.id,
    contact: contact.id,
    email: email.id,
    job: job.id,
    delayed: delayed.id,
    role: role.id,
    staff: staff.id,
    webhook,
    delivery,
    draft,
    checked,
    done,
  };
}

/** A reseller that is there, or a new one. */
const reseller = (j, customers) =>
  customers.find((c) => c.kind === 'reseller' && c.status !== 'closed') ??
  j.api('POST', '/customers', { kind: 'reseller', billing_type: 'prepaid', company: 'Sund Partner' });

/** A webhook with a delivery that cannot arrive. */
async function hook(j) {
  const webhook = await j.api('POST', '/webhooks', {
    url: 'https://receiver.invalid/tandem',
    description: 'Accounting',
    events: ['customer.*', 'job.failed'],
    filter: '{"field":"country","op":"eq","value":"NO"}',
  });
  const delivery = await j.api('POST', `/webhooks/${webhook.id}/test`);
  await until(
    async () => (await j.api('GET', `/deliveries/${delivery.id}`)).attempts > 0,
    true,
    'the first attempt',
  );
  return { webhook: webhook.id, delivery: delivery.id };
}

async function upload(j, name = 'paragon-customers.tsv') {
  const buffer = readFileSync(join(root, 'testdata/customers', name));
  const answer = await j.page.context().request.post('/api/v1/imports', {
    multipart: { target: 'customers', file: { name, mimeType: 'text/csv', buffer } },
  });
  assert.equal(answer.status(), 201, await answer.text());
  return (await answer.json()).id;
}

async function goOn(j, id, action, state) {
  await j.api('POST', `/imports/${id}/${action}`, {});
  await until(async () => (await j.api('GET', `/imports/${id}`)).state, state, `the import after ${action}`);
}
