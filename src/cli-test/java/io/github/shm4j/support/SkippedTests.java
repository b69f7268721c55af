package io.github.shm4j.support;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Says at the end of a build, in one line, how many tests were skipped and what they would have needed.
 *
 * <p>It is here, beside the command line's tests, because the library's module, to which its tests belong, reads no XML.
 */
final class SkippedTests {

    private SkippedTests() {}

    /**
     * Prints the line, or nothing if no test was skipped.
     *
     * @param arguments when the build began, and the directories with the reports of the tests
     */
    public static void main(String... arguments) throws Exception {
        Path[] directories = new Path[arguments.length - 1];
        for (int i = 0; i < directories.length; i++) {
            directories[i] = Path.of(arguments[i + 1]);
        }
        String line = line(Instant.parse(arguments[0]), directories);
        if (!line.isEmpty()) {
            System.out.println(line);
        }
    }

    static String line(Instant since, Path... directories) throws IOException {
        Map<String, Integer> needs = new TreeMap<>();
        int all = 0;
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                try (DirectoryStream<Path> reports = Files.newDirectoryStream(directory, "TEST-*.xml")) {
                    for (Path report : reports) {
                        // What an earlier build has left says nothing of this one.
                        if (!Files.getLastModifiedTime(report).toInstant().isBefore(since)) {
                            all += count(report, needs);
                        }
                    }
                }
            }
        }
        int skipped = needs.values().stream().mapToInt(Integer::intValue).sum();
        return skipped == 0
                ? ""
                : "%d of %d tests skipped: %s. Where it may, .ci/run installs what is missing and skips nothing."
                        .formatted(
                                skipped, all, mostFirst(needs));
    }

    private static int count(Path report, Map<String, Integer> needs) throws IOException {
        try {
            Element suite = DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getDocumentElement();
            NodeList skipped = suite.getElementsByTagName("skipped");
            for (int i = 0; i < skipped.getLength(); i++) {
                needs.merge(need((Element) skipped.item(i)), 1, Integer::sum);
            }
            return suite.getElementsByTagName("testcase").getLength();
        } catch (ParserConfigurationException | SAXException unreadable) {
            throw new IOException("cannot read " + report, unreadable);
        }
    }

    /** From the message or, where a test has aborted itself, from the first line of the stack trace. */
    private static String need(Element skipped) {
        String message = skipped.getAttribute("message");
        String said = message.isBlank() ? skipped.getTextContent().strip().lines().findFirst().orElse("") : message;
        String reason = said.strip().replaceFirst("^[\\w.]+Exception: ", "").replaceFirst("^Assumption failed: ", "");
        String end = Peers.NOT_AVAILABLE;
        if (reason.endsWith(end)) {
            return "without " + reason.substring(0, reason.length() - end.length()).replaceFirst(",$", "");
        }
        return reason.isEmpty() ? "for no stated reason" : reason;
    }

    private static String mostFirst(Map<String, Integer> needs) {
        return needs.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one,
                        LinkedHashMap::new))
                .entrySet().stream()
                .map(need -> need.getValue() + " " + need.getKey())
                .collect(Collectors.joining("; "));
    }
}
