// One journey: a server, a browser, and steps that go on where the step before ended.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { root, serve } from './server.mjs';

export const full = process.env.E2E_FULL === '1';
const results = join(root, 'e2e/results');
const patience = Number(process.env.E2E_TIMEOUT ?? 30_000);

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    timeout: 120_000,
  });
}

/** Everything a step needs; `page` is the one that the steps share. */
export class Journey {
  server;
  browser;
  page;
  /** What went wrong in the browser without anybody asking. */
  findings = [];
  #contexts = [];
  #cookies = new Map();

  /** A person at another computer: own cookies, own storage. */
  async person({ signIn = true, width = 1440, height = 900, email, password, ...options } = {}) {
    const context = await this.browser.newContext({
      baseURL: this.server.url,
      viewport: { width, height },
      locale: 'en-GB',
      timezoneId: 'Europe/Oslo',
      colorScheme: 'light',
      reducedMotion: 'reduce',
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    this.#contexts.push(context);
    context.setDefaultTimeout(patience);
    if (signIn) await this.signIn(context, email, password);
    const page = await context.newPage();
    this.watch(page);
    return page;
  }

  /** By the API, where signing in is not what is tried: once a person, since a password is meant to be slow. */
  async signIn(context, email = this.server.email, password = this.server.password) {
    const known = this.#cookies.get(email);
    if (known) return context.addCookies(known);
    const answer = await context.request.post('/api/v1/session', { data: { email, password } });
    assert.equal(answer.status(), 201, `sign in as ${email}: ${await answer.text()}`);
    this.#cookies.set(email, await context.cookies());
  }

  /** A script error, a refusal by the content security policy or an answer 5xx fails the step it happens in. */
  watch(page) {
    page.on('pageerror', (error) => this.findings.push(`script error: ${error}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
      this.findings.push(`console: ${message.text()}`);
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500 && !answer.headers()['x-journey']) {
        this.findings.push(`${answer.status()} from ${answer.request().method()} ${answer.url()}`);
      }
    });
  }

  /** The API as the person of `page` has it: journeys prepare by it what they do not try. */
  async api(method, path, data, headers) {
    const answer = await this.page.context().request.fetch(`/api/v1${path}`, { method, data, headers });
    const text = await answer.text();
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async shoot(name) {
    mkdirSync(results, { recursive: true });
    const file = name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
    let n = 0;
    for (const context of this.#contexts) {
      for (const page of context.pages()) {
        await page.screenshot({ path: join(results, `${file}-${n++}.png`) }).catch(() => undefined);
      }
    }
    writeFileSync(join(results, `${file}.log`), this.server.log.join('\n'));
  }

  /** All but the page that the steps share. */
  async closeOthers() {
    for (const context of [...this.#contexts])
      if (context !== this.page?.context()) await this.close(context);
    this.visitors?.clear();
    this.findings.length = 0;
  }

  async close(context) {
    this.#contexts = this.#contexts.filter((c) => c !== context);
    await context.close();
  }
}

/**
 * journey('name', {server options}, (step, j) => { step('does this', async () => {...}) })
 * A step after one that failed is not tried: it would only say the same. Where steps are `independent`, that holds
 * for the first one only, which prepares.
 */
export function journey(name, { signIn = true, independent = false, ...server }, define) {
  describe(name, () => {
    const j = new Journey();
    let broken = '';
    let first = true;
    before(
      async () => {
        // Each is kept before the other may fail, so that both are stopped.
        const opening = launch().then((browser) => (j.browser = browser));
        try {
          j.server = await serve(server);
        } finally {
          await opening;
        }
        j.page = await j.person({ signIn });
      },
      { timeout: 300_000 },
    );
    after(
      async () => {
        await j.browser?.close();
        await j.server?.stop();
      },
      { timeout: 120_000 },
    );
    const step = (title, run) =>
      test(title, { timeout: 600_000 }, async () => {
        if (broken) assert.fail(`not tried, because this failed: ${broken}`);
        try {
          await run();
          assert.deepEqual(j.findings.splice(0), [], 'the browser or the server complained');
        } catch (error) {
          if (!independent || first) broken = title;
          await j.shoot(`${name} ${title}`);
          await j.closeOthers();
          throw error;
        } finally {
          first = false;
        }
      });
    define(step, j);
  });
}

/** Waits until `read` gives what is wanted; what it gave last is in the message. */
export async function until(read, wanted, what) {
  const check = typeof wanted === 'function' ? wanted : (value) => Object.is(value, wanted);
  const end = Date.now() + patience;
  for (;;) {
    const value = await read();
    if (check(value)) return value;
    if (Date.now() > end) {
      if (typeof wanted === 'function') assert.fail(`${what}: it is ${JSON.stringify(value)}`);
      assert.deepEqual(value, wanted, what);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
