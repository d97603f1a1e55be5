// Starts bin/tandem on a port and a data folder of its own, and stops it by its process id.
import { spawn, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = process.env.TANDEM_BIN ?? join(root, 'bin/tandem');

const admin = { email: 'admin@example.net', password: 'journeys need a long one' };
const patience = 120_000;

/**
 * serve() gives {url, email, password, setupUrl, stop}.
 *   admin: false     nobody yet; setupUrl is the printed link
 *   postgres: true   a new database in the cluster of TANDEM_TEST_PG_URL; otherwise SQLite
 *   demo: n          `tandem demo` with n customers instead
 *   mail: port       mails go to a server on this port of the loopback
 *   env: {...}       settings of its own
 */
export async function serve(options = {}) {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run make build`);
  const data = mkdtempSync(join(tmpdir(), 'tandem-journey-'));
  const env = { ...cleanEnvironment(), TANDEM_DATA: data };
  const port = options.mail ? await freePort() : 0; // links in mails name it before it listens
  const args = [options.demo ? 'demo' : 'serve', `--listen=127.0.0.1:${port}`];
  if (options.mail)
    Object.assign(env, {
      TANDEM_SMTP_URL: `smtp://127.0.0.1:${options.mail}?tls=none`,
      TANDEM_MAIL_FROM: 'Tandem <crm@example.net>',
      TANDEM_PUBLIC_URL: `http://127.0.0.1:${port}`,
    });
  if (options.demo) args.push(`--customers=${options.demo}`);
  else if (options.admin !== false) {
    Object.assign(env, { TANDEM_ADMIN_EMAIL: admin.email, TANDEM_ADMIN_PASSWORD: admin.password });
  }
  Object.assign(env, options.env);
  if (options.postgres) env.TANDEM_DATABASE_URL = newDatabase();
  const child = spawn(binary, args, { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  const keep = (line) => {
    log.push(line);
    if (log.length > 400) log.shift();
  };
  createInterface({ input: child.stderr }).on('line', keep);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(hard);
    }
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const said = await listening(child, ended, keep, options);
    const who = options.demo ? { email: said.email, password: said.password } : admin;
    return { ...said, ...who, log, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log.join('\n')}`);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Nothing of the developer's own settings may reach the server under test. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TANDEM_')));
}

/** What the server prints when it is ready: its address, and the link or the sign-in. */
function listening(child, ended, keep, options) {
  const said = {};
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('tandem did not say where it serves')), patience);
    const ready = () =>
      options.demo ? said.url && said.password : said.url && (options.admin !== false || said.setupUrl);
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      said.url ??= /(?:serves|demo:) (http:\S+)/.exec(line)?.[1];
      said.setupUrl ??= /(http:\S+\/setup\?token=\S+)/.exec(line)?.[1];
      said.email ??= /^ +e-mail +(\S+)/.exec(line)?.[1];
      said.password ??= /^ +password +(\S+)/.exec(line)?.[1];
      if (!ready()) return;
      clearTimeout(late);
      resolve(said);
    });
    ended.then((code) => reject(new Error(`tandem ended with ${code}`)));
  });
}

/** A database of this journey in the throw-away cluster. */
function newDatabase() {
  const address = process.env.TANDEM_TEST_PG_URL;
  if (!address) throw new Error('TANDEM_TEST_PG_URL is not set: run `make e2e`, which starts a PostgreSQL');
  const name = `journey_${randomBytes(6).toString('hex')}`;
  execFileSync(psql(), ['--no-psqlrc', '--quiet', '--command', `CREATE DATABASE ${name}`, address]);
  // Not by URL: a cluster on a socket has an address without a host.
  return address.replace(/^(\w+:\/\/[^/]*)\/[^?]*/, `$1/${name}`);
}

/** Debian keeps the client beside the server. */
function psql() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((v) => join(base, v, 'bin/psql')).find(existsSync) ?? 'psql';
}
