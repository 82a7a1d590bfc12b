// `npm run bench [name…]`: compiles the benches with the rooms, then runs them on the core that carries the load.
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Below node_modules, so that the compiled benches find the packages, and nothing else finds them.
const output = join(root, 'node_modules', '.cache', 'patchcord-bench');

rmSync(output, { recursive: true, force: true });
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
const project = join(root, 'test', 'bench', 'tsconfig.json');
// Types are the business of `npm run typecheck`.
run(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', project, '--noCheck']);
const scenarios = join('test', 'support', 'peers', 'sipp');
cpSync(join(root, scenarios), join(output, scenarios), { recursive: true });
const main = join(output, 'test', 'bench', 'main.js');
const hasTaskset = spawnSync('taskset', ['--version']).status === 0;
const node = [process.execPath, '--enable-source-maps', '--expose-gc', main, ...process.argv.slice(2)];
const [command, ...args] = hasTaskset ? ['taskset', '-c', '1', ...node] : node;
run(command, args);

function run(command, args) {
  const env = { ...process.env, PATCHCORD_MAIN: join(output, 'cli', 'main.js') };
  const result = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
