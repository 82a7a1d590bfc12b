// `count-tests REPORT.json STATUS`: prints "PASSED FAILED" of a vitest run, for .ci/run.
import { existsSync, readFileSync } from 'node:fs';

const [path, status] = process.argv.slice(2);
process.stdout.write(`${counts().join(' ')}\n`);

function counts() {
  // Without a report the run ended before any test did.
  if (!existsSync(path)) return [0, 1];
  const report = JSON.parse(readFileSync(path, 'utf8'));
  // A file that cannot be loaded has no failed test, yet it failed.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  // A run may also fail without a test that does: an error that nobody caught.
  const unexplained = Number(status) !== 0 && failed === 0 ? 1 : 0;
  return [report.numPassedTests, failed + unexplained];
}
