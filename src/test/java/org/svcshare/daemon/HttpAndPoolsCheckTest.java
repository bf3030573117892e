package org.svcshare.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsReader;
import org.svcshare.daemon.Finding.Verdict;
import org.svcshare.web.StatusSource;

/// What `svcshare check` finds about the HTTP server and the pools.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class HttpAndPoolsCheckTest {
    private static final String TOKEN = "0123456789abcdef-secret";

    @TempDir private Path folder;

    private Settings settings(String text) throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("config.conf"),
                        """
                        gate.targets = ["news.example.net:119"]
                        irc.server = "127.0.0.1"
                        state-folder = "%s"
                        """
                                        .formatted(folder.resolve("state"))
                                + text);
        return new SettingsReader(Map.of(), "anna", folder, "1").read(file).settings();
    }

    private static Finding only(List<Finding> findings, String subject) {
        var found = findings.stream().filter(f -> f.subject().equals(subject)).toList();
        assertEquals(1, found.size(), findings.toString());
        return found.getFirst();
    }

    private static void assertFinding(Verdict verdict, String part, Finding finding) {
        assertEquals(verdict, finding.verdict(), finding.text());
        assertTrue(finding.text().contains(part), finding.text());
    }

    private Finding server(String text) throws Exception {
        return only(new HttpCheck(settings(text)).look(), "HTTP server");
    }

    private Finding pools(String text) throws Exception {
        return only(new PoolsCheck(settings(text)).look(), "pools");
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    // The port.

    @Test
    void given_a_free_port_or_any_then_well() throws Exception {
        assertFinding(
                Verdict.WELL, " is free", server("http.listen = \"127.0.0.1:" + freePort() + '"'));
        assertFinding(Verdict.WELL, "free then", server("http.listen = \"127.0.0.1:0\""));
        assertEquals(List.of(), new HttpCheck(settings("http.enabled = false")).look());
    }

    @Test
    void given_a_port_of_another_program_or_of_ours_then_that_is_told() throws Exception {
        try (var taken = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            taken.accept().close();
                        } catch (IOException e) {
                            // The test is over.
                        }
                    });
            assertFinding(
                    Verdict.BROKEN,
                    "taken by another program",
                    server("http.listen = \"127.0.0.1:" + taken.getLocalPort() + '"'));
        }
        int port = freePort();
        String text = "http.listen = \"127.0.0.1:" + port + "\"\npools.engine = memory";
        try (var running =
                new PoolService(settings(text), Optional.empty(), StatusSource.poolsAlone("1"))) {
            running.start();
            running.listen(Optional.empty());
            assertFinding(Verdict.BROKEN, "a svcshare that runs already", server(text));
        }
    }

    @Test
    void given_an_address_of_another_machine_then_that_is_told() throws Exception {
        assertFinding(
                Verdict.BROKEN,
                "no address of this machine",
                server(
                        """
                        http {
                          listen = "203.0.113.7:9889"
                          tokens = [{ name = ci, role = lock, token = %s }]
                        }
                        """
                                .formatted(TOKEN)));
    }

    // Tokens.

    @Test
    void given_tokens_then_they_are_named_with_what_they_may_and_never_shown() throws Exception {
        String text =
                """
                http {
                  listen = "127.0.0.1:0"
                  tokens = [
                    { name = ci, role = ROLE, token = %s }
                    { name = page, role = read, token = %s-2 }
                  ]
                }
                """
                        .formatted(TOKEN, TOKEN);

        Finding finding =
                only(new HttpCheck(settings(text.replace("ROLE", "lock"))).look(), "tokens");
        assertFinding(Verdict.WELL, "ci (lock), page (read)", finding);
        assertTrue(!finding.text().contains(TOKEN), finding.text());
        assertFinding(
                Verdict.DOUBTFUL,
                "nobody may take locks",
                only(new HttpCheck(settings(text.replace("ROLE", "read"))).look(), "tokens"));
        assertFinding(
                Verdict.WELL,
                "none",
                only(new HttpCheck(settings("http.listen = \"127.0.0.1:0\"")).look(), "tokens"));
    }

    @Test
    void given_a_pool_whose_list_has_no_tokens_name_then_that_is_doubtful() throws Exception {
        String text =
                """
                http {
                  listen = "0.0.0.0:0"
                  tokens = [{ name = ci, role = lock, token = %s }]
                }
                pools.declared = [
                  { name = ours, allow = [ci, anna] }
                  { name = theirs, allow = [anna] }
                ]
                """
                        .formatted(TOKEN);

        assertFinding(
                Verdict.DOUBTFUL,
                "theirs: nobody",
                only(new HttpCheck(settings(text)).look(), "pools"));
    }

    // Where locks are kept.

    @Test
    void given_a_journal_then_whether_it_is_there_or_in_use_or_damaged() throws Exception {
        Path journal = folder.resolve("state").resolve("pools");
        assertFinding(Verdict.WELL, "nothing kept yet", pools(""));
        assertTrue(Files.notExists(journal));
        String text = "http.listen = \"127.0.0.1:0\"";
        try (var running =
                new PoolService(settings(text), Optional.empty(), StatusSource.poolsAlone("1"))) {
            running.start();
            assertFinding(Verdict.DOUBTFUL, "in use by a svcshare that runs", pools(""));
        }
        Files.writeString(journal.resolve("0000000000000005.log"), "junk");
        assertFinding(Verdict.BROKEN, "Restore the folder from a backup", pools(""));
    }

    @Test
    void given_a_folder_that_cannot_be_made_then_broken() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertFinding(
                Verdict.BROKEN, "cannot write to", pools("pools.folder = \"" + file + "/below\""));
    }

    @Test
    void given_other_engines_or_no_need_for_pools_then_no_folder_is_looked_at() throws Exception {
        assertFinding(Verdict.WELL, "in memory", pools("pools.engine = memory"));
        assertEquals(List.of(), new PoolsCheck(settings("http.enabled = false")).look());
    }

    @Test
    void given_a_memcached_then_it_is_asked_and_a_forgetful_one_is_doubtful() throws Exception {
        assertFinding(
                Verdict.WELL,
                "1.6.38, answers in",
                memcached(List.of("VERSION 1.6.38", "STAT evictions off", "END")));
        assertFinding(
                Verdict.DOUBTFUL,
                "run it with -M",
                memcached(
                        List.of("VERSION 1.6.38", "STAT maxbytes 1", "STAT evictions on", "END")));
        assertFinding(
                Verdict.BROKEN, "is the port right?", memcached(List.of("220 mail.example.net")));
        assertFinding(
                Verdict.BROKEN,
                "does it run?",
                pools(
                        "pools { engine = memcached, memcached = \"127.0.0.1:"
                                + freePort()
                                + "\" }"));
    }

    /// Looks at a server that says these lines.
    private Finding memcached(List<String> lines) throws Exception {
        var asked = new ArrayList<String>();
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread serving =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (Socket one = server.accept()) {
                                    one.getOutputStream()
                                            .write(
                                                    (String.join("\r\n", lines) + "\r\n")
                                                            .getBytes(US_ASCII));
                                    var in =
                                            new BufferedReader(
                                                    new InputStreamReader(
                                                            one.getInputStream(), US_ASCII));
                                    Optional.ofNullable(in.readLine()).ifPresent(asked::add);
                                    in.lines().forEach(asked::add);
                                } catch (IOException e) {
                                    asked.add(e.toString());
                                }
                            });
            Finding finding =
                    pools(
                            "pools { engine = memcached, memcached = \"127.0.0.1:"
                                    + server.getLocalPort()
                                    + "\" }");
            serving.join();
            assertEquals("version", asked.getFirst());
            return finding;
        }
    }
}
