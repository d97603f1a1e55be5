// A reseller's brand: set by staff, seen by its customers at an address of its own and in their mails, and by nobody else.
import assert from 'node:assert/strict';
import { deflateSync, crc32 } from 'node:zlib';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { mailbox } from '../lib/mailbox.mjs';
import { at, button, fill } from '../lib/ui.mjs';

const ola = { name: 'Ola Nordmann', email: 'ola@kunde.example', password: 'salt fish on the pier' };
const box = await mailbox();
after(() => box.close());

/** A picture of one colour. */
function png(width, height, [r, g, b]) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([r, g, b]))]);
  const rows = deflateSync(Buffer.concat(Array(height).fill(row)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

journey('brand', { mail: box.port }, (step, j) => {
  let portal, reseller, visitor;

  step('staff give a reseller a name, a colour, a domain and a logo', async () => {
    const { page } = j;
    portal = `http://brand.localhost:${new URL(j.server.url).port}`;
    const make = (body) => j.api('POST', '/customers', { billing_type: 'prepaid', ...body });
    reseller = await make({ kind: 'reseller', company: 'Nordlys Partner' });
    const kunde = await make({ company: 'Fjord Fisk', reseller: reseller.id, status: 'active' });
    await j.api('POST', `/customers/${kunde.id}/contacts`, {
      name: ola.name,
      email: ola.email,
      role: 'owner',
    });
    await page.goto(`/customers/${reseller.id}`);
    await page.getByRole('main').getByRole('link', { name: 'Branding' }).click();
    await at(page, `/customers/${reseller.id}/branding`);
    await fill(page, {
      Name: 'Nordlys Telekom',
      Colour: '#7c3aed',
      Domain: 'brand.localhost',
      'Support e-mail': 'help@nordlys.example',
    });
    await button(page, 'Save').click();
    await page.getByText('The brand is saved.').waitFor();
    await page.getByText(`${portal}/portal`).waitFor();
    await page
      .getByLabel('On a light ground: choose a file')
      .setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png(160, 40, [124, 58, 237]) });
    await button(page, 'Remove: On a light ground').waitFor();
  });

  step('and are refused a picture that is none, and a colour that is none', async () => {
    const { page } = j;
    await page.getByLabel('On a dark ground: choose a file').setInputFiles({
      name: 'logo.png',
      mimeType: 'image/png',
      buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    });
    await page.getByText('SVG is not taken').waitFor();
    await fill(page, { Colour: 'mauve' });
    await button(page, 'Save').click();
    await page.getByText('A colour is written like #0b5f59.').waitFor();
    await fill(page, { Colour: '#7c3aed' });
  });

  step('a contact gets a mail under the brand and sets a password at its address', async () => {
    const found = await j.api('GET', `/contacts?q=${encodeURIComponent(ola.email)}`);
    await j.api('POST', `/contacts/${found.items[0].id}/password`, { mode: 'link' });
    const mail = await box.next(ola.email);
    assert.match(mail.text, /Nordlys Telekom/);
    const link = new RegExp(`${portal}/set-password\\?token=[\\w-]+`).exec(mail.text);
    assert.ok(link, `the link leads to ${portal}: ${mail.text}`);
    visitor = await j.person({ signIn: false });
    await visitor.goto(link[0]);
    await visitor.getByRole('img', { name: 'Nordlys Telekom' }).waitFor();
    await fill(visitor, { 'New password': ola.password, 'New password again': ola.password });
    await button(visitor, 'Set password').click();
    await visitor.getByRole('link', { name: 'Sign in' }).click();
  });

  step('and signs in to a portal that is the reseller’s, from the first thing painted', async () => {
    await visitor.goto(`${portal}/`);
    await at(visitor, '/portal/sign-in');
    await visitor.getByRole('heading', { name: 'Customer portal' }).waitFor();
    assert.equal(await visitor.title(), 'Customer portal · Nordlys Telekom');
    const colour = await button(visitor, 'Sign in').evaluate((b) => getComputedStyle(b).backgroundColor);
    assert.equal(colour, 'rgb(124, 58, 237)');
    await fill(visitor, { 'E-mail': ola.email, Password: ola.password });
    await button(visitor, 'Sign in').click();
    await visitor.getByRole('img', { name: 'Nordlys Telekom' }).waitFor();
    await visitor.getByRole('link', { name: 'help@nordlys.example' }).waitFor();
    assert.match(await visitor.title(), /Nordlys Telekom$/);
    await visitor.reload();
    const first = await visitor.evaluate(() => fetch('/portal').then((r) => r.text()));
    assert.match(first, /<title>Nordlys Telekom<\/title>/);
  });

  step('where staff do not come in', async () => {
    const stranger = await j.person({ signIn: false });
    await stranger.goto(`${portal}/sign-in`);
    await fill(stranger, { 'E-mail': j.server.email, Password: j.server.password });
    await button(stranger, 'Sign in').click();
    await stranger.getByRole('alert').getByText('password').waitFor();
  });

  step(
    'at the operator’s address the door is the operator’s, and the portal stays the reseller’s',
    async () => {
      const other = await j.person({ signIn: false });
      await other.goto('/portal/sign-in');
      await other.getByRole('heading', { name: 'Customer portal' }).waitFor();
      assert.equal(await other.getByRole('img', { name: 'Nordlys Telekom' }).count(), 0);
      await fill(other, { 'E-mail': ola.email, Password: ola.password });
      await button(other, 'Sign in').click();
      await other.getByRole('img', { name: 'Nordlys Telekom' }).waitFor();
      const accent = await other.evaluate(() =>
        getComputedStyle(document.documentElement).getPropertyValue('--td-accent').trim(),
      );
      assert.equal(accent, '#7c3aed');
    },
  );
});
