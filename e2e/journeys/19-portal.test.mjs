// The portal: a contact sees what is theirs and keeps it up to date; an owner looks after the others.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { journey } from '../lib/journey.mjs';
import { linkIn, mailbox } from '../lib/mailbox.mjs';
import { at, button, choose, dialog, fill, fits, rows } from '../lib/ui.mjs';

const ola = { name: 'Ola Nordmann', email: 'ola@kunde.example', password: 'fish and fresh bread' };
const box = await mailbox();
after(() => box.close());

journey('portal', { mail: box.port }, (step, j) => {
  let customer, contact, visitor;
  const portal = (page) => page.getByRole('navigation', { name: 'Portal' });
  const tab = (page, name) => portal(page).getByRole('link', { name, exact: true }).click();

  step('a contact signs in at the portal and sees how things stand', async () => {
    customer = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Fjord Fisk',
      billing_type: 'prepaid',
      country: 'NO',
    });
    contact = await j.api('POST', `/customers/${customer.id}/contacts`, {
      name: ola.name,
      email: ola.email,
      role: 'owner',
      public_notes: 'We come on Monday.',
      private_notes: 'shouts',
    });
    await j.api('POST', `/contacts/${contact.id}/password`, { mode: 'typed', password: ola.password });
    visitor = await j.person({ signIn: false });
    await visitor.goto('/portal/contacts');
    await at(visitor, '/portal/sign-in');
    await fill(visitor, { 'E-mail': ola.email, Password: ola.password });
    await button(visitor, 'Sign in').click();
    await at(visitor, '/portal/contacts');
    await tab(visitor, 'Overview');
    await visitor.getByRole('heading', { name: `Hello, ${ola.name}`, level: 1 }).waitFor();
    await visitor.getByText('Everything is in order.').waitFor();
    await visitor.getByText('We come on Monday.').waitFor();
    await visitor.goto('/customers');
    await at(visitor, '/portal');
  });

  step('the contact edits the profile', async () => {
    await tab(visitor, 'Your profile');
    await fill(visitor, { Name: 'Ola N. Nordmann', Mobile: '412 34 567' });
    await button(visitor, 'Save').click();
    await visitor.getByText('Saved.').waitFor();
    const kept = await j.api('GET', `/contacts/${contact.id}`);
    assert.equal(kept.name, 'Ola N. Nordmann');
    assert.equal(kept.mobile, '+4741234567');
    assert.equal(kept.private_notes, 'shouts');
    await fill(visitor, { Mobile: 'no' });
    await button(visitor, 'Save').click();
    await visitor.getByText('is not a possible telephone number', { exact: false }).waitFor();
    await fill(visitor, { Mobile: '412 34 567' });
  });

  step('the address is the owner’s to change', async () => {
    await visitor.goto('/portal/customer');
    await fill(visitor, { Address: 'Storgata 1', City: 'Oslo' });
    await button(visitor, 'Save').click();
    await visitor.getByText('Saved.').waitFor();
    assert.equal((await j.api('GET', `/customers/${customer.id}`)).city, 'Oslo');
  });

  step('the owner adds a contact and invites them, who comes in and sees less', async () => {
    await tab(visitor, 'Contacts');
    await button(visitor, 'Add contact').click();
    await fill(dialog(visitor), { Name: 'Eva Vask', 'E-mail': 'eva@kunde.example' });
    await choose(dialog(visitor), 'Role', 'Billing');
    await button(dialog(visitor), 'Add contact').click();
    await dialog(visitor).waitFor({ state: 'hidden' });
    await button(visitor, 'Invite Eva Vask').click();
    await button(dialog(visitor), 'Send invitation').click();
    await dialog(visitor).waitFor({ state: 'hidden' });
    const link = linkIn(await box.next('eva@kunde.example'));
    const eva = await j.person({ signIn: false, width: 360, height: 740 });
    await eva.goto(link);
    await fill(eva, { 'New password': ola.password, 'New password again': ola.password });
    await button(eva, 'Set password').click();
    await eva.getByRole('heading', { name: 'Password set' }).waitFor();
    await eva.goto('/sign-in');
    await fill(eva, { 'E-mail': 'eva@kunde.example', Password: ola.password });
    await button(eva, 'Sign in').click();
    await at(eva, '/portal');
    await portal(eva).waitFor();
    assert.equal(await portal(eva).getByRole('link', { name: 'Contacts', exact: true }).count(), 0);
    await fits(eva, 'the portal on a phone');
    await eva.goto('/portal/contacts');
    await eva.getByRole('heading', { level: 1 }).waitFor();
    assert.equal((await eva.context().request.get('/api/v1/portal/contacts')).status(), 403);
    await j.close(eva.context());
  });

  step('the only owner stays', async () => {
    await visitor.goto('/portal/contacts');
    await button(visitor, 'Remove Ola N. Nordmann').click();
    await button(dialog(visitor), 'Remove contact').click();
    await dialog(visitor).getByText('only owner', { exact: false }).waitFor();
    await button(dialog(visitor), 'Cancel').click();
    await button(visitor, 'Remove Eva Vask').click();
    await button(dialog(visitor), 'Remove contact').click();
    await visitor.getByText('Eva Vask was removed.').waitFor();
  });

  const sue = { email: 'sue@example.net', password: 'looks over shoulders' };
  step('staff see the portal from the grid, as the owner, and cannot change it', async () => {
    await j.api('POST', '/staff', { name: 'Sue Support', role: 'support', ...sue });
    const desk = await j.person({ email: sue.email, password: sue.password });
    await desk.goto('/customers');
    await rows(desk, 1);
    const [inside] = await Promise.all([
      desk.context().waitForEvent('page'),
      button(desk, 'Open the portal of Fjord Fisk').click(),
    ]);
    j.watch(inside);
    await at(inside, '/portal');
    const banner = inside.getByRole('region', { name: 'You are here in somebody' });
    await banner.getByText('Sue Support, as Ola N. Nordmann (Fjord Fisk).').waitFor();
    await banner.getByText('You only look.').waitFor();
    assert.ok(!inside.url().includes('#'), 'the link is not left in the address');
    await tab(inside, 'Your profile');
    await inside.getByText('Ola N. Nordmann', { exact: true }).first().waitFor();
    assert.equal(await button(inside, 'Save').count(), 0);
    assert.equal(await inside.getByText('Current password').count(), 0);
    await tab(inside, 'Contacts');
    await inside.getByRole('heading', { name: 'Contacts', level: 1 }).waitFor();
    assert.equal(await button(inside, 'Add contact').count(), 0);
    const refused = await inside.evaluate(async () => {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch('/api/v1/portal/profile', {
        method: 'PATCH',
        headers,
        body: '{"name":"X"}',
      });
      return answer.status;
    });
    assert.equal(refused, 403);
    // Her own tab is still hers.
    await desk.reload();
    await rows(desk, 1);
    await Promise.all([
      inside.waitForEvent('close').catch(() => undefined),
      banner.getByRole('button', { name: 'End' }).click(),
    ]);
    await desk.goto('/portal');
    await at(desk, '/customers');
    const log = await j.api('GET', '/audit-entries?limit=20');
    const left = log.items.find((e) => e.message === 'Portal left by staff');
    assert.equal(left.actor.name, 'Sue Support');
    assert.equal(left.on_behalf_of.name, 'Ola N. Nordmann (Fjord Fisk)');
    assert.ok(log.items.some((e) => e.message === 'Portal opened by staff'));
    await j.close(desk.context());
  });

  step('a reason that has to be said; nobody there, and the offer to add them', async () => {
    const { page } = j;
    await page.goto('/settings/general');
    await choose(page, "Reason for opening a contact's portal", 'They have to say why');
    await button(page, 'Save').click();
    await page.getByText('Settings saved', { exact: false }).waitFor();
    await page.goto(`/contacts/${contact.id}`);
    await button(page, 'Open portal').click();
    await fill(dialog(page), { Why: 'He asked on the telephone' });
    const [inside] = await Promise.all([
      page.context().waitForEvent('page'),
      button(dialog(page), 'Open portal').click(),
    ]);
    j.watch(inside);
    await at(inside, '/portal');
    await inside.getByText('What you change is changed.').waitFor();
    await inside.close();
    const empty = await j.api('POST', '/customers', {
      kind: 'customer',
      company: 'Tom Nett',
      billing_type: 'prepaid',
    });
    await page.goto(`/customers/${empty.id}`);
    await button(page, 'Open portal').click();
    await dialog(page).getByRole('link', { name: 'Create contact' }).click();
    await at(page, `/customers/${empty.id}/contacts/new`);
  });
});
