// A vitest reporter that writes `N passed, N failed` to the file named by M1_TEST_COUNTS: .ci/run
// prints it as its last line.
import { writeFileSync } from 'node:fs';

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const failed = tests.filter((test) => test.result().state === 'failed').length;
    // a file that cannot be loaded, or a hook that fails, has no failed test of its own
    const broken = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .filter((suite) => suite.errors().length > 0).length;
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    const file = process.env.M1_TEST_COUNTS;
    if (file !== undefined) {
      writeFileSync(file, `${passed} passed, ${failed + broken + unhandledErrors.length} failed\n`);
    }
  }
}
