// `count-tests REPORT.json STATUS`: prints "PASSED FAILED" of a vitest run, for .ci/run.
import { readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));
// A file that cannot be loaded has no failed test, yet it failed.
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const failed = report.numFailedTests + brokenFiles;
// A run may also fail without a test that does: an error that nobody caught.
const unexplained = Number(status) !== 0 && failed === 0 ? 1 : 0;
process.stdout.write(`${report.numPassedTests} ${failed + unexplained}\n`);
