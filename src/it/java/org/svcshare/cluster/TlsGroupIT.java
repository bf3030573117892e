package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GroupSettings;
import org.svcshare.engine.EngineKit;

/// A group with certificates, Ratis' own connections included.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class TlsGroupIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String HOST = "127.0.0.1";

    @TempDir private static Path certificates;
    @TempDir private Path folder;

    private static GroupSettings.Tls good;
    private static GroupSettings.Tls elsewhere;

    private final ListAppender<ILoggingEvent> refusals = new ListAppender<>();

    @BeforeAll
    static void make() throws Exception {
        var authority = new TestAuthority(certificates, "ours");
        good = authority.sign("node", "ip:127.0.0.1");
        elsewhere = authority.sign("elsewhere", "dns:n9.example.net");
    }

    @BeforeEach
    void listen() {
        refusals.start();
        ((Logger) LoggerFactory.getLogger(Refusals.class)).addAppender(refusals);
    }

    @AfterEach
    void noLonger() {
        ((Logger) LoggerFactory.getLogger(Refusals.class)).detachAppender(refusals);
    }

    private void awaitRefusal(String part) {
        await(part)
                .atMost(LIMIT)
                .until(() ->
                        List.copyOf(refusals.list).stream()
                                .anyMatch(said -> said.getFormattedMessage().contains(part)));
    }

    private TestGroup secret() throws Exception {
        var group = new TestGroup(folder, 3, EngineKit.RULES);
        group.sockets = PeerTls.of(good, HOST);
        return group;
    }

    @Test
    void given_certificates_then_a_group_works_as_without() throws Exception {
        try (var group = secret().startAll()) {
            var at = new EngineKit(group.engine(group.follower()));
            at.granted("anna", "bench");
            at.acquire("ben", "bench");

            group.stop(group.leader());

            assertEquals(List.of("anna", "ben"), at.queue("bench"));
            assertEquals(List.of(), refusals.list);
        }
    }

    @Test
    void given_a_node_with_the_certificate_of_another_host_then_nobody_calls_it() throws Exception {
        try (var group = secret().startAll()) {
            String away = group.follower();
            group.stop(away);
            group.sockets = PeerTls.of(elsewhere, "n9.example.net");
            var engine = group.start(away);

            awaitRefusal("CN=elsewhere: it is for another host");
            assertFalse(engine.status().ready(), engine.status().why());
        }
    }

    @Test
    void given_a_node_without_any_then_it_is_not_let_in() throws Exception {
        try (var group = secret().startAll()) {
            String away = group.follower();
            group.stop(away);
            var others = new EngineKit(group.engine(group.leader()));
            group.sockets = PeerSockets.plain();
            var alone = new EngineKit(group.start(away));

            var kept = alone.propose(EngineKit.asking("anna", "bench", LIMIT, LIMIT));
            others.granted("ben", "bench");
            assertFalse(alone.engine.status().ready());
            assertFalse(kept.isDone());
            awaitRefusal("it does not speak TLS");
        }
    }

    @Test
    void given_callers_of_ratis_port_that_are_not_of_the_group_then_they_are_told_of_and_counted()
            throws Exception {
        try (var group = secret().startAll()) {
            ClusterPeer node = group.peer(group.follower());
            var nameless = SSLContext.getInstance("TLS");
            var trust = new PeerTrust(NodeKeys.read(good).authorities(), new Refusals());
            nameless.init(null, new TrustManager[] {trust}, null);

            try (Socket caller = nameless.getSocketFactory().createSocket(HOST, node.raftPort())) {
                knock(caller);
            }
            awaitRefusal("a caller from 127.0.0.1 is not believed to be of the group: it shows no");
            try (var caller = new Socket(InetAddress.getLoopbackAddress(), node.raftPort())) {
                knock(caller);
            }
            awaitRefusal("a caller from 127.0.0.1 is not believed to be of the group: it does not");

            assertEquals(2, group.sockets.refused());
        }
    }

    private static void knock(Socket caller) throws IOException {
        caller.setSoTimeout((int) LIMIT.toMillis());
        try {
            caller.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            byte[] heard = caller.getInputStream().readAllBytes();
            assertFalse(new String(heard, US_ASCII).contains("200"));
        } catch (SSLException | SocketException e) {
            // It was hung up on.
            assertNotNull(e.getMessage());
        }
    }

    /// All of it is replaced: only who has taken the new files finds the others.
    @Test
    void given_new_files_of_another_authority_when_a_node_comes_back_then_it_finds_the_others()
            throws Exception {
        Path files = Files.createDirectories(folder.resolve("files"));
        var first = new TestAuthority(files, "first");
        GroupSettings.Tls before = first.sign("node", "ip:127.0.0.1");
        var other = new TestAuthority(Files.createDirectories(folder.resolve("new")), "second");
        GroupSettings.Tls after = other.sign("node", "ip:127.0.0.1");
        var sockets = PeerTls.of(before, HOST);
        var group = new TestGroup(folder.resolve("group"), 3, EngineKit.RULES);
        group.sockets = sockets;
        try (group) {
            group.startAll();
            new EngineKit(group.engine(group.leader())).granted("anna", "bench");
            String away = group.follower();
            group.stop(away);

            copy(after.own().key().orElseThrow(), before.own().key().orElseThrow());
            sockets.lookAgain();
            sockets.lookAgain();
            copy(after.own().certificate(), before.own().certificate());
            copy(after.ca(), before.ca());
            sockets.lookAgain();
            sockets.lookAgain();
            group.sockets = PeerTls.of(after, HOST);
            group.start(away);
            group.awaitReady();

            assertEquals(List.of("anna"), new EngineKit(group.engine(away)).queue("bench"));
            group.stop(group.leader(""));
            assertEquals(
                    List.of("anna"), new EngineKit(group.engine(group.follower())).queue("bench"));
            assertEquals(List.of(), refusals.list);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
