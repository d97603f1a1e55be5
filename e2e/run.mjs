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
    : run('go', ['run', './internal/kit/db/pgtest/cmd', ...inner], {
        stdio: 'inherit',
        cwd: join(here, '..'),
      });
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** Runs the journeys of a file and tells how it ended; what they say is shown when they are through. */
function one(file) {
  return new Promise((resolve) => {
    const child = run(process.execPath, ['--test', '--test-reporter=spec', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.on('close', (code) => {
      process.stdout.write(said);
      const count = (word) => Number(new RegExp(`^\\S* ?${word} (\\d+)`, 'm').exec(said)?.[1] ?? 0);
      resolve({ file, good: code === 0, late: onlyLate(said), passed: count('pass'), failed: count('fail') });
    });
  });
}

/** Whether nothing worse happened than that something did not come in time. */
function onlyLate(said) {
  const bad = /the browser or the server complained|axe finds|wider than the window/.test(said);
  return !bad && /Timeout \d+ms exceeded/.test(said) && !/AssertionError(?!.*not tried)/.test(said);
}

/** The longest begin first, so that the last ones end together. */
const weight = (file) => ['2-', '9-', '8-'].findIndex((start) => file.startsWith(start));

async function some(files, at) {
  const left = [...files];
  const ended = [];
  const worker = async () => {
    for (let file = left.shift(); file; file = left.shift()) ended.push(await one(file));
  };
  await Promise.all(Array.from({ length: at }, worker));
  return ended;
}

// On a busy machine something may come too late once: a file that failed by that alone is tried again, alone, and that
// is told. Everything else fails at once: a complaint of one page in thousands is a fault of the console.
async function journeys() {
  rmSync(join(here, 'results'), { recursive: true, force: true });
  const files = args.length
    ? args
    : readdirSync(join(here, 'journeys'))
        .filter((f) => f.endsWith('.test.mjs') && (process.env.E2E_FULL === '1' || !f.startsWith('11-speed')))
        .sort((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1))
        .map((f) => join('journeys', f));
  const first = await some(files, Number(process.env.E2E_CONCURRENCY ?? '2'));
  const late = first.filter((r) => !r.good && r.late);
  if (late.length > 0) console.log(`too late, tried again alone: ${late.map((r) => r.file).join(', ')}`);
  const again = await some(
    late.map((r) => r.file),
    1,
  );
  const ended = [...first.filter((r) => !late.includes(r)), ...again];
  const sum = (key) => ended.reduce((n, r) => n + r[key], 0);
  // In the words of Node's runner, for all files, and in those of `make test`.
  console.log(
    `\u2139 tests ${sum('passed') + sum('failed')}\n\u2139 pass ${sum('passed')}\n\u2139 fail ${sum('failed')}`,
  );
  console.log(`browser journeys: ${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = ended.every((r) => r.good) ? 0 : 1;
}

if (process.env.TANDEM_TEST_PG_URL) await journeys();
else withPostgres();
