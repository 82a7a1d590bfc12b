// `npm run lab:nat`: softphones behind real NATs, in network namespaces of this machine. Root only.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (process.getuid?.() !== 0)
  fail('the NAT lab lays networks of its own, which wants root: sudo npm run lab:nat');
if (!existsSync(join(root, 'dist', 'cli', 'main.js'))) fail('there is no build yet: npm run build');

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const folder = join('test', 'interop', 'nat-lab');
const options = ['--project=interop', '--reporter=tree', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, 'run', folder, ...options], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
