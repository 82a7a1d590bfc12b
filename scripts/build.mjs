// Compiles the rooms to dist/, copies what is no code, and makes the command executable.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { noteBuilt } from './built-from.mjs';

rmSync('dist', { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (result.status !== 0) process.exit(result.status ?? 1);
cpSync(join('server', 'room', 'prompts'), join('dist', 'server', 'room', 'prompts'), { recursive: true });
const main = join('dist', 'cli', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
noteBuilt();
