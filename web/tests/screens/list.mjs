// What is looked at. `act` brings the page into the state of the picture.
const fail = (pattern) => (page) =>
  page.route(pattern, (r) =>
    r.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 500, code: 'internal', detail: 'The server could not answer.' }),
    }),
  );
const empty = (pattern) => (page) =>
  page.route(pattern, (r) =>
    r.fulfill({
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify({ items: [], next_cursor: '', total: 0, total_is_exact: true }),
    }),
  );
const click =
  (name, role = 'button') =>
  (page) =>
    page.getByRole(role, { name, exact: true }).first().click();
const status = (code) => [`status of ${code}`];

export const screens = [
  { name: 'sign-in', path: '/sign-in', state: { signedIn: false }, allow: status(401) },
  {
    name: 'sign-in-wrong',
    path: '/sign-in?ended=1',
    state: { signedIn: false },
    allow: status(401),
    act: async (page) => {
      await page.getByLabel('E-mail').fill('kari@example.net');
      await page.getByLabel('Password', { exact: true }).fill('nope');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'setup',
    path: '/setup?token=abc',
    state: { signedIn: false, needsSetup: true },
    allow: status(401),
  },
  { name: 'setup-done', path: '/setup', state: { signedIn: false }, allow: status(401) },
  { name: 'set-password', path: '/set-password?token=abc', state: { signedIn: false }, allow: status(401) },
  { name: 'not-found', path: '/nowhere' },
  {
    name: 'palette',
    path: '/customers/cus_1001',
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('nor');
      await page.getByText('Northwind School').first().waitFor();
    },
  },
  {
    name: 'keys',
    path: '/customers/cus_1001',
    act: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'user-menu',
    path: '/customers/cus_1001',
    act: (page) => page.getByRole('button', { name: /Account of/ }).click(),
  },
  {
    name: 'password',
    path: '/customers/cus_1001',
    act: async (page) => {
      await page.getByRole('button', { name: /Account of/ }).click();
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'jobs-menu',
    path: '/customers/cus_1001',
    act: (page) =>
      page
        .getByRole('button', { name: /job running|Jobs/ })
        .first()
        .click(),
  },
  { name: 'customer-main', path: '/customers/cus_1001', wait: 'h2:has-text("Status now")' },
  { name: 'customer-details', path: '/customers/cus_1000/details', wait: 'h2' },
  { name: 'customer-audit', path: '/customers/cus_1001/audit', wait: 'ol li' },
  { name: 'customer-audit-empty', path: '/customers/cus_1001/audit', before: empty('**/audit-entries*') },
  {
    name: 'customer-audit-diff',
    path: '/customers/cus_1001/audit',
    wait: 'ol li',
    act: click('View Difference'),
  },
  {
    name: 'customer-error',
    path: '/customers/cus_1001',
    before: fail('**/api/v1/customers/cus_1001'),
    allow: status(500),
    wait: '[role=alert]',
  },
  { name: 'customer-missing', path: '/customers/cus_9', allow: status(404) },
  {
    name: 'customer-status',
    path: '/customers/cus_1001',
    wait: 'h2:has-text("Status now")',
    act: async (page) => {
      await page.getByRole('button', { name: 'Change status' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'customer-delete-blocked',
    path: '/customers/cus_1006',
    allow: status(409),
    act: async (page) => {
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'customer-new', path: '/customers/new', wait: 'form', full: true },
  {
    name: 'provider-new-wrong',
    path: '/providers/new',
    wait: 'form',
    allow: status(422),
    act: async (page) => {
      await page.getByLabel('E-mail').fill('post1@example.net');
      await page.getByLabel('Telephone').fill('abc');
      await page.getByRole('button', { name: 'Save and continue' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'customer-edit', path: '/customers/cus_1001/edit', wait: 'form' },
  {
    name: 'customer-stale',
    path: '/customers/cus_1002/edit',
    wait: 'form',
    allow: status(412),
    act: async (page) => {
      await page.getByLabel('City').fill('Bergen');
      await page.evaluate(async () => {
        await fetch('/api/v1/customers/cus_1002', {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            city: `Stavanger ${performance.now()}`,
            tax_number: `NO ${performance.now()}`,
          }),
        });
      });
      await page.getByRole('button', { name: 'Save and continue' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'groups', path: '/groups', wait: 'table tbody tr' },
  { name: 'groups-empty', path: '/groups', before: empty('**/groups?*') },
  {
    name: 'groups-error',
    path: '/groups',
    before: fail('**/api/v1/groups?*'),
    allow: status(500),
    wait: '[role=alert]',
  },
  { name: 'groups-new', path: '/groups', wait: 'table tbody tr', act: click('Create group') },
  { name: 'group', path: '/groups/grp_1', wait: 'h1:has-text("Gold")' },
  { name: 'group-remove', path: '/groups/grp_1', wait: 'h1:has-text("Gold")', act: click('Remove group') },
  { name: 'custom-fields', path: '/settings/custom-fields', wait: 'table tbody tr' },
  {
    name: 'custom-fields-edit',
    path: '/settings/custom-fields',
    wait: 'table tbody tr',
    act: click('Edit Sales region'),
  },
  { name: 'general', path: '/settings/general', wait: 'form' },
  { name: 'staff', path: '/settings/staff', wait: 'table tbody tr' },
  { name: 'staff-new', path: '/settings/staff', wait: 'table tbody tr', act: click('Add staff user') },
  { name: 'tokens', path: '/settings/api-tokens', wait: 'table tbody tr' },
  {
    name: 'tokens-new',
    path: '/settings/api-tokens',
    wait: 'table tbody tr',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create token' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Warehouse');
      await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
      await page.getByRole('dialog').locator('code, input[readonly]').first().waitFor();
    },
  },
  { name: 'audit', path: '/audit', wait: 'table tbody tr' },
  { name: 'audit-diff', path: '/audit', wait: 'table tbody tr', act: click('View Difference') },
  { name: 'jobs', path: '/jobs', wait: 'table tbody tr' },
  { name: 'job', path: '/jobs/job_2', wait: 'table tbody tr' },
];
