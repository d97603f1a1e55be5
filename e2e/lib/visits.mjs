// How each address of the console is seen: with data, empty and in error; and what opens on top of it. `ids` are
// records that the journey has made. A route that is not here fails the journey.
import { button, change, choose, dialog, fill } from './ui.mjs';

const api = (name) => new RegExp(`/api/v1/${name}(\\?|$)`);
const nothing = { items: [], next_cursor: '', total: 0, total_is_exact: true };
const refused = {
  status: 503,
  code: 'unavailable',
  title: 'Unavailable',
  detail: 'The server is busy. Try again in a moment.',
};

/** Answers in the server's place. The header tells the journey that an error was asked for. */
const answer =
  (pattern, body, status = 200) =>
  (page) =>
    page.route(pattern, (route) =>
      route.fulfill({
        status,
        headers: { 'x-journey': '1' },
        contentType: status < 400 ? 'application/json' : 'application/problem+json',
        body: JSON.stringify(body),
      }),
    );
const empty = (name) => answer(api(name), nothing);
const error = (name) => answer(api(name), refused, 503);
const list = (name) => ({ empty: empty(name), error: error(name) });

const signedInAs = (who, portal) => async (page) => {
  await answer(api('session'), {
    staff: { id: 'con_0', name: 'Ola Nordmann', email: 'ola@kunde.example', role: 'owner' },
    customer: { id: 'cus_0', name: 'Fjord Fisk' },
    permissions: [],
    root: '',
    ...who,
  })(page);
  await page.goto(portal);
};

const ola = {
  id: 'con_0',
  name: 'Ola Nordmann',
  email: 'ola@kunde.example',
  type: 'Night shift',
  role: 'owner',
  phone: '+4722995494',
  mobile: '',
  language: 'en',
  public_notes: 'We come on Monday.',
  email_verified: true,
  mobile_verified: false,
  version: 1,
};
const fjord = {
  id: 'cus_0',
  customer_id: '48231',
  name: 'Fjord Fisk',
  status: 'active',
  email: 'post@kunde.example',
  telephone: '+4722995494',
  address_1: 'Storgata 1',
  address_2: '',
  city: 'Oslo',
  province: '',
  postal_code: '0155',
  country: 'NO',
  language: 'en',
  tax_number: 'NO 999 888 777',
  billing_type: 'prepaid',
  currency: 'NOK',
  version: 1,
};
const nordlys = {
  name: 'Nordlys Telekom',
  color: '#7c3aed',
  colors: {
    fill: '#7c3aed',
    on_fill: '#ffffff',
    fill_dark: '#7c3aed',
    on_fill_dark: '#ffffff',
    text: '#7c3aed',
    text_dark: '#b18ef5',
    adjusted: true,
  },
  logo_light: null,
  logo_dark: null,
  support_email: 'help@nordlys.example',
  support_phone: '+47 22 99 54 94',
  website: 'https://nordlys.example',
  imprint_url: '',
  privacy_url: 'https://nordlys.example/privacy',
  icon: '/favicon.svg',
  portal: true,
};
const portalMay = ['portal.billing', 'portal.contacts', 'portal.manage', 'portal.profile', 'portal.view'];
const proofs = [
  {
    address: 'email',
    value: 'ola@kunde.example',
    verified: true,
    offered: false,
    pending: false,
    expires_at: null,
    tries_left: 0,
    next_at: null,
  },
  {
    address: 'mobile',
    value: '+4799887766',
    verified: false,
    offered: true,
    pending: true,
    expires_at: '2030-01-01T12:15:00Z',
    tries_left: 5,
    next_at: null,
  },
];
const tile = {
  id: 'status',
  value: 'active',
  tone: 'good',
  facts: [{ name: 'customer_id', type: 'text', value: '48231' }],
};

/** A page of the portal, as the owner of a customer sees it; `last` answers otherwise. */
const inPortal = (place, last) => async (page) => {
  for (const [name, body] of [
    [
      'portal/session',
      {
        contact: ola,
        customer: fjord,
        customer_id: '48231',
        organization: 'Nordlys Telekom',
        brand: nordlys,
        permissions: portalMay,
      },
    ],
    ['portal/profile', ola],
    ['portal/verification', { items: proofs }],
    ['portal/customer', fjord],
    ['portal/contacts', { items: [ola, { ...ola, id: 'con_1', name: 'Eva Vask', role: 'billing' }] }],
    ['portal', { tiles: [tile] }],
  ])
    await answer(api(name), body)(page);
  await last?.(page);
  await page.goto(place);
};

const signUpOpen = answer(api('sign-ups'), {
  open: true,
  approval: true,
  terms_url: 'https://nordlys.example/terms',
});

/** By route: where to go, and the states beside "with data". */
export const visits = {
  '/sign-in': { signedOut: true },
  '/setup': { signedOut: true, more: { open: answer(api('setup'), { needed: true }) } },
  '/forgot-password': { signedOut: true },
  '/set-password': {
    signedOut: true,
    query: '?token=abc',
    more: { incomplete: (page) => page.goto('/set-password') },
  },
  // Staff are sent to where they belong: these are seen as a contact sees them.
  '/change-password': {
    more: { given: signedInAs({ kind: 'contact', must: 'change_password' }, '/change-password') },
  },
  '/set-second-factor': {
    more: { required: signedInAs({ kind: 'staff', must: 'set_second_factor' }, '/set-second-factor') },
  },
  '/portal/sign-in': {
    signedOut: true,
    more: {
      'with sign-up': async (page) => {
        await signUpOpen(page);
        await page.goto('/portal/sign-in');
      },
    },
  },
  '/portal/sign-up': {
    signedOut: true,
    error: error('sign-ups'),
    more: {
      open: async (page) => {
        await signUpOpen(page);
        await page.goto('/portal/sign-up');
        await page.getByRole('checkbox').waitFor();
      },
    },
  },
  '/portal/sign-up/confirm': {
    signedOut: true,
    more: {
      link: async (page) => {
        await page.goto('/portal/sign-up/confirm#token=abc');
        await button(page, 'Open the account').waitFor();
      },
      opened: async (page) => {
        await answer(api('sign-ups/confirm'), { email: 'ola@kunde.example', waits: true, password: false })(page);
        await page.goto('/portal/sign-up/confirm#token=abc');
        await button(page, 'Open the account').click();
        await page.getByRole('heading', { name: 'Your account is open' }).waitFor();
      },
    },
  },
  '/portal/enter': { signedOut: true },
  '/open-portal': { empty: empty('contacts'), error: error('contacts') },
  '/portal': { more: { contact: inPortal('/portal'), failed: inPortal('/portal', error('portal')) } },
  '/portal/profile': {
    more: {
      contact: inPortal('/portal/profile'),
      unproved: inPortal('/portal/profile', error('portal/verification')),
    },
  },
  '/portal/customer': { more: { contact: inPortal('/portal/customer') } },
  '/portal/contacts': {
    more: {
      contact: inPortal('/portal/contacts'),
      failed: inPortal('/portal/contacts', error('portal/contacts')),
    },
  },
  '/account': {},
  '/customers': list('customers'),
  '/customers/new': { error: error('customers/fields') },
  '/providers/new': {},
  '/customers/$id': { at: (ids) => `/customers/${ids.customer}`, error: error('customers/cus_\\w+') },
  '/customers/$id/details': { at: (ids) => `/customers/${ids.customer}/details` },
  '/customers/$id/audit': { at: (ids) => `/customers/${ids.customer}/audit`, ...list('audit-entries') },
  '/customers/$id/contacts': {
    at: (ids) => `/customers/${ids.customer}/contacts`,
    ...list('customers/cus_\\w+/contacts'),
  },
  '/customers/$id/contacts/new': {
    at: (ids) => `/customers/${ids.customer}/contacts/new`,
    error: error('customers/cus_\\w+'),
  },
  '/contacts': list('contacts'),
  '/contacts/$id': { at: (ids) => `/contacts/${ids.contact}`, error: error('contacts/con_\\w+') },
  '/contacts/$id/edit': { at: (ids) => `/contacts/${ids.contact}/edit`, error: error('contacts/con_\\w+') },
  '/customers/$id/emails': { at: (ids) => `/customers/${ids.customer}/emails`, ...list('emails') },
  '/customers/$id/edit': {
    at: (ids) => `/customers/${ids.customer}/edit`,
    error: error('customers/cus_\\w+'),
  },
  '/groups': list('groups'),
  '/groups/$id': {
    at: (ids) => `/groups/${ids.group}`,
    empty: empty('customers'),
    error: error('customers'),
  },
  '/imports': list('imports'),
  '/imports/new': {},
  '/imports/$importId': { at: (ids) => `/imports/${ids.done}`, error: error('imports/imp_\\w+') },
  '/jobs': list('jobs'),
  '/jobs/$id': { at: (ids) => `/jobs/${ids.job}`, error: error('jobs/job_\\w+') },
  '/delayed-saves': list('scheduled-changes'),
  '/delayed-saves/$id': {
    at: (ids) => `/delayed-saves/${ids.delayed}`,
    error: error('scheduled-changes/sch_\\w+'),
  },
  '/audit': list('audit-entries'),
  '/notices': list('notices'),
  '/history/$of/$id': { at: (ids) => `/history/groups/${ids.group}`, ...list('audit-entries') },
  '/emails': list('emails'),
  '/emails/$emailId': { at: (ids) => `/emails/${ids.email}`, error: error('emails/eml_\\w+') },
  '/settings/email-templates': list('email-templates'),
  '/settings/email-templates/$key/$language': {
    at: () => '/settings/email-templates/staff_invitation/en',
    error: error('email-templates/staff_invitation/en'),
  },
  '/settings/texts': {
    error: error('sms-gateway'),
    more: {
      set: async (page) => {
        await answer(api('sms-gateway'), {
          url: 'https://sms.kunde.example/send',
          enabled: true,
          has_secret: true,
          waiting: 3,
          trouble: 'The receiver answered 503 Service Unavailable.',
          updated_at: '2026-03-01T12:00:00Z',
          version: 2,
        })(page);
        await page.goto('/settings/texts');
      },
    },
  },
  '/settings/suppressions': list('suppressions'),
  '/settings/webhooks': list('webhooks'),
  '/settings/webhooks/$webhookId': {
    at: (ids) => `/settings/webhooks/${ids.webhook}`,
    empty: empty('webhooks/whk_\\w+/deliveries'),
    error: error('webhooks/whk_\\w+'),
  },
  '/settings/webhooks/$webhookId/deliveries/$deliveryId': {
    at: (ids) => `/settings/webhooks/${ids.webhook}/deliveries/${ids.delivery}`,
    error: error('deliveries/whd_\\w+'),
  },
  '/settings/branding': {
    error: error('brands/operator'),
    more: {
      'without sign-up': async (page) => {
        await error('brands/operator/sign-up')(page);
        await page.goto('/settings/branding');
      },
    },
  },
  '/customers/$id/branding': {
    at: (ids) => `/customers/${ids.reseller}/branding`,
    error: error('brands/cus_\\w+'),
  },
  '/settings/general': { error: error('settings') },
  '/settings/custom-fields': list('custom-fields'),
  '/settings/staff': list('staff'),
  '/settings/staff/$id/why': {
    at: (ids) => `/settings/staff/${ids.staff}/why?permission=customer.delete`,
    error: error('staff/stf_\\w+/why'),
    more: { hidden: (page, ids) => page.goto(`/settings/staff/${ids.staff}/why?mask=telephone`) },
  },
  '/settings/sign-in': {
    ...list('sign-in-providers'),
    more: {
      adding: async (page) => {
        await page.goto('/settings/sign-in');
        await button(page, 'Add provider').first().click();
        await dialog(page).waitFor();
      },
    },
  },
  '/sign-in/back': { signedOut: true },
  '/settings/roles': list('roles'),
  '/settings/roles/new': {},
  '/settings/roles/$id': { at: (ids) => `/settings/roles/${ids.role}`, error: error('roles/\\w+') },
  '/settings/api-tokens': list('api-tokens'),
};

const more = async (page, item) => {
  await page
    .getByRole('main')
    .getByRole('button', { name: /^More( actions)?$/ })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
  await dialog(page).waitFor();
};

/** What opens on top of a page. */
export const scenes = [
  [
    '/settings/webhooks',
    'a new webhook',
    async (page) => {
      await button(page, 'Add webhook').first().click();
      await dialog(page).getByRole('checkbox', { name: 'Customers', exact: true }).check();
    },
  ],
  [
    '/sign-in',
    'a wrong password',
    async (page) => {
      await fill(page, { 'E-mail': 'who@example.net', Password: 'not this one' });
      await button(page, 'Sign in').click();
      await page.getByRole('alert').waitFor();
    },
    { signedOut: true },
  ],
  [
    '/groups',
    'the notices',
    async (page) => {
      await page.getByRole('button', { name: /notices?$/i }).click();
      await page.getByRole('link', { name: 'All notices' }).waitFor();
    },
  ],
  [
    '/audit',
    'the proof',
    async (page) => {
      await button(page, 'Proof').click();
      await dialog(page).getByText('Sealed entries').waitFor();
    },
  ],
  [
    '/customers',
    'the filter',
    async (page) => {
      await button(page, 'Filter').click();
      await page.getByRole('form', { name: 'Filter' }).waitFor();
    },
  ],
  [
    '/customers',
    'the columns',
    async (page) => {
      await button(page, 'Columns').click();
      await dialog(page).waitFor();
    },
  ],
  [
    '/customers',
    'the menu of a cell',
    async (page) => {
      await page.locator('[data-row="1"] [data-col="0"]').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Copy with headers' }).waitFor();
    },
  ],
  [
    '/customers',
    'a selection',
    async (page) => {
      await page.locator('[data-row="1"] input[type=checkbox]').check();
      await page.getByRole('region', { name: 'Selection' }).waitFor();
    },
  ],
  ['/customers', 'mass create', (page) => more(page, 'Mass create…')],
  [
    '/customers',
    'bulk update, its form',
    async (page) => {
      await more(page, 'Update all that match…');
      await change(page, 'Language', 'Set to', 'English (en)', true);
    },
  ],
  [
    '/customers',
    'bulk update',
    async (page) => {
      await more(page, 'Update all that match…');
      await change(page, 'City', 'Set to', 'Bergen');
      await button(page, 'Preview').click();
      await dialog(page).getByText('Will change').waitFor();
    },
  ],
  [
    '/customers/new',
    'wrong fields',
    async (page) => {
      await fill(page, { 'E-mail': 'no', Telephone: 'no' });
      await button(page, 'Save and continue').click();
      await page.getByRole('alert').first().waitFor();
    },
  ],
  [
    '/customers/$id',
    'the change of status',
    async (page) => {
      await button(page, 'Change status').click();
      await dialog(page).waitFor();
    },
  ],
  ['/customers/$id', 'the delete', (page) => more(page, 'Delete')],
  [
    '/customers/$id',
    'the palette',
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /Find a customer/ }).fill('a');
      await page.getByRole('option').nth(3).waitFor();
    },
  ],
  [
    '/customers/$id',
    'the keys',
    async (page) => {
      await page.keyboard.press('?');
      await dialog(page).getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    },
  ],
  [
    '/customers/$id',
    'the menu of the person',
    async (page) => {
      await page.getByRole('button', { name: /^Account of/ }).click();
      await button(page, 'Sign out').waitFor();
    },
  ],
  [
    '/customers/$id/audit',
    'the difference',
    async (page) => {
      await button(page, 'View Difference').first().click();
      await dialog(page).waitFor();
    },
  ],
  [
    '/customers/$id/contacts/new',
    'a note that looks like a secret',
    async (page) => {
      await fill(page, { Name: 'Kim', 'Public notes': 'PIN 1234' });
      await button(page, 'Save and continue').click();
      await page.getByRole('checkbox', { name: /keep the text/ }).waitFor();
    },
  ],
  [
    '/contacts/$id',
    'the erasing of its personal data',
    async (page) => {
      await button(page, 'Erase personal data').click();
      await dialog(page).getByText('What goes').waitFor();
    },
  ],
  [
    '/contacts/$id',
    'the removal',
    async (page) => {
      await button(page, 'Remove contact').click();
      await dialog(page).waitFor();
    },
  ],
  [
    '/groups',
    'a new group',
    async (page) => {
      await button(page, 'Create group').click();
      await dialog(page).waitFor();
    },
  ],
  [
    '/groups/$id',
    'the removal',
    async (page) => {
      await button(page, 'Remove group').click();
      await dialog(page).waitFor();
    },
  ],
  ['/imports/draft', 'the set-up of an import', async () => undefined],
  ['/imports/checked', 'the outcome of a check', async () => undefined],
  [
    '/settings/custom-fields',
    'a new field',
    async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'Create field' }).first().click();
      await choose(dialog(page), 'Type', 'Choice');
    },
  ],
  [
    '/settings/staff',
    'a new person',
    async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'Add staff user' }).click();
      await dialog(page).waitFor();
    },
  ],
  [
    '/settings/api-tokens',
    'a token, shown once',
    async (page) => {
      await page.getByRole('main').getByRole('button', { name: 'Create token' }).first().click();
      await fill(dialog(page), { Name: `Warehouse ${Date.now()}` });
      await dialog(page).getByRole('button', { name: 'Create token' }).click();
      await button(page, 'I have kept it').waitFor();
    },
  ],
  [
    '/jobs',
    'the jobs of late',
    async (page) => {
      await page
        .getByRole('banner')
        .getByRole('button', { name: /^Jobs$|running/ })
        .click();
      await page.getByRole('link', { name: 'All jobs' }).waitFor();
    },
  ],
  ['/nowhere', 'nothing', async (page) => page.getByText('Nothing is here').waitFor()],
];

/** The address of a route, with the IDs of records in it. */
export function address(route, ids) {
  if (route === '/imports/draft') return `/imports/${ids.draft}`;
  if (route === '/imports/checked') return `/imports/${ids.checked}`;
  const visit = visits[route] ?? {};
  return (visit.at?.(ids) ?? route) + (visit.query ?? '');
}
