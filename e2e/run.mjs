// Runs the journeys with Node's own test runner: npm test [-- journeys/1-*.test.mjs]. Inside a throw-away PostgreSQL
// when none is given. E2E_FULL=1 tries every route in every theme, width and state.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);

function run(command, list, options) {
  const child = spawn(command, list, { cwd: here, ...options });
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
  return child;
}

function withPostgres() {
  const built = join(here, '../bin/pgtest');
  const inner = ['run', '--', process.execPath, join(here, 'run.mjs'), ...args];
  const child = existsSync(built)
    ? run(built, inner, { stdio: 'inherit' })
    : run('go', ['run', './internal/kit/db/pgtest/cmd', ...inner], { stdio: 'inherit', cwd: join(here, '..') });
  child.on('exit', (code) => process.exit(code ?? 1));
}

function journeys() {
  rmSync(join(here, 'results'), { recursive: true, force: true });
  const folder = join(here, 'journeys');
  const files = args.length
    ? args
    : readdirSync(folder)
        .filter((f) => f.endsWith('.test.mjs'))
        .sort()
        .map((f) => join('journeys', f));
  const at = process.env.E2E_CONCURRENCY ?? '2';
  const child = run(
    process.execPath,
    ['--test', '--test-reporter=spec', `--test-concurrency=${at}`, ...files],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    said = (said + chunk).slice(-20_000);
  });
  child.on('close', (code) => {
    const count = (word) => /(\d+)/.exec(new RegExp(`^\\S* ?${word} \\d+`, 'm').exec(said)?.[0] ?? '0')[1];
    console.log(`browser journeys: ${count('pass')} passed, ${count('fail')} failed`);
    process.exitCode = code ?? 1;
  });
}

if (process.env.TANDEM_TEST_PG_URL) journeys();
else withPostgres();
