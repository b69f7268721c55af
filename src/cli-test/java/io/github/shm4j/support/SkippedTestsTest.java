package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The line that says which tests a build has skipped. */
class SkippedTestsTest {

    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");

    @TempDir
    private Path unit;

    @TempDir
    private Path integration;

    private static Path report(Path directory, String name, String... skipped) throws IOException {
        StringBuilder xml = new StringBuilder("<testsuite name='").append(name).append("'><testcase name='passed'/>");
        for (String message : skipped) {
            xml.append("<testcase name='skipped'><skipped message='").append(message).append("'/></testcase>");
        }
        return write(directory, name, xml.append("</testsuite>"));
    }

    private static Path write(Path directory, String name, CharSequence xml) throws IOException {
        Path file = Files.writeString(directory.resolve("TEST-" + name + ".xml"), xml);
        return Files.setLastModifiedTime(file, FileTime.from(START.plusSeconds(60)));
    }

    @Test
    void shouldSayNothingWhereNothingWasSkipped() throws IOException {
        report(unit, "OneTest");
        assertEquals("", SkippedTests.line(START, unit, integration, unit.resolve("missing")));
    }

    @Test
    void shouldCountByWhatWasMissing() throws IOException {
        report(unit, "OneTest", "Assumption failed: unshare -i is not available here");
        report(integration, "TwoIT", "root, to use &lt;huge&gt; pages, is not available here",
                "Assumption failed: unshare -i is not available here", "only on another system", "");
        // As a test is reported that aborts itself.
        write(integration, "ThreeIT", """
                <testsuite name="ThreeIT"><testcase name="aborted"><skipped type="org.opentest4j.TestAbortedException">\
                <![CDATA[org.opentest4j.TestAbortedException: Assumption failed: unshare -i is not available here
                \tat org.junit.jupiter.api.Assumptions.assumeTrue]]></skipped></testcase></testsuite>
                """);
        Path old = report(integration, "OldIT", "Assumption failed: tmux is not available here");
        Files.setLastModifiedTime(old, FileTime.from(START.minusSeconds(1)));
        assertEquals(
                "6 of 8 tests skipped: 3 without unshare -i; 1 for no stated reason; 1 only on another system;"
                        + " 1 without root, to use <huge> pages."
                        + " Where it may, .ci/run installs what is missing and skips nothing.",
                SkippedTests.line(START, unit, integration));
    }
}
