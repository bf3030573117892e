package org.svcshare.spawn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.config.Secret;
import org.svcshare.spawn.People.Verdict;

/// Logging in at a real LDAP directory, with TLS from the first byte and with StartTLS.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LdapPeopleTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String PASSWORD = "anna's secret";

    @TempDir static Path folder;

    private static Path trusted;
    private static Path stranger;
    private static InMemoryDirectoryServer directory;
    private static final AtomicInteger asked = new AtomicInteger();
    private static final AtomicInteger binds = new AtomicInteger();

    @BeforeAll
    static void start() throws Exception {
        var authority = new TestAuthority(folder, "authority");
        trusted = authority.pem();
        stranger = new TestAuthority(Files.createDirectory(folder.resolve("x")), "x").pem();
        authority.sign("right", "dns:localhost,ip:127.0.0.1");
        authority.sign("wrong", "dns:directory.example.org");
        SSLContext right = context(authority, "right");
        SSLContext wrong = context(authority, "wrong");

        var config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
        config.setSchema(null);
        config.setListenerConfigs(
                listenTls("tls", right),
                listenTls("tls-wrong", wrong),
                listenStart("start", right),
                listenStart("start-wrong", wrong),
                InMemoryListenerConfig.createLDAPConfig("plain", local(), 0, null));
        config.addInMemoryOperationInterceptor(new Counting());
        directory = new InMemoryDirectoryServer(config);
        directory.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
        directory.add(
                "dn: uid=anna,dc=example,dc=org",
                "objectClass: inetOrgPerson",
                "uid: anna",
                "cn: Anna Berg",
                "givenName: Anna",
                "sn: Berg",
                "mail: anna@example.org",
                "employeeType: staff",
                "userPassword: " + PASSWORD);
        directory.add(
                "dn: uid=b\\2a(x),dc=example,dc=org",
                "objectClass: inetOrgPerson",
                "uid: b*(x)",
                "sn: Odd",
                "employeeType: staff",
                "userPassword: " + PASSWORD);
        for (String group : List.of("ops", "dev")) {
            directory.add(
                    "dn: cn=%s,dc=example,dc=org".formatted(group),
                    "objectClass: posixGroup",
                    "cn: " + group,
                    "memberUid: anna");
        }
        directory.startListening();
    }

    @AfterAll
    static void stop() {
        directory.shutDown(true);
    }

    @BeforeEach
    void forget() {
        asked.set(0);
        binds.set(0);
    }

    static InetAddress local() {
        return InetAddress.getLoopbackAddress();
    }

    static InMemoryListenerConfig listenTls(String name, SSLContext tls) throws Exception {
        return InMemoryListenerConfig.createLDAPSConfig(
                name, local(), 0, tls.getServerSocketFactory(), null);
    }

    static InMemoryListenerConfig listenStart(String name, SSLContext tls) throws Exception {
        return InMemoryListenerConfig.createLDAPConfig(name, local(), 0, tls.getSocketFactory());
    }

    static SSLContext context(TestAuthority authority, String name) throws Exception {
        char[] password = TestAuthority.PASSWORD.toCharArray();
        Path file = authority.inStore(name).own().certificate();
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(file.toFile(), password), password);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /// Counts what reaches the directory.
    private static final class Counting extends InMemoryOperationInterceptor {
        @Override
        public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
            asked.incrementAndGet();
        }

        @Override
        public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) {
            asked.incrementAndGet();
            binds.incrementAndGet();
        }
    }

    private static Ldap ldap(String listener, Path authority) {
        return ldap(
                directory.getListenPort(listener), listener.startsWith("tls"), authority, "uid");
    }

    private static Ldap ldap(int port, boolean tls, Path authority, String attribute) {
        return new Ldap(
                new Endpoint("localhost", port),
                "dc=example,dc=org",
                tls,
                Optional.of(authority),
                "(&(objectClass=inetOrgPerson)(" + attribute + "=%s))",
                "(&(objectClass=posixGroup)(memberUid=%s))",
                List.of(),
                Optional.empty(),
                Duration.ofSeconds(5));
    }

    static Verdict login(Ldap ldap, String name, String password) throws Exception {
        var verdict = new CompletableFuture<Verdict>();
        new LdapPeople(ldap).login(name, new Secret(password), verdict::complete);
        return verdict.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "start"})
    void given_the_right_password_when_logged_in_then_it_is_told_who_it_is(String listener)
            throws Exception {
        assertEquals(
                new Verdict.Known(
                        new Person(
                                "anna", "Anna", "Berg", "anna@example.org", List.of("dev", "ops"))),
                login(ldap(listener, trusted), "anna", PASSWORD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "start"})
    void given_the_wrong_password_when_logged_in_then_it_is_refused(String listener)
            throws Exception {
        assertEquals(new Verdict.Unknown(), login(ldap(listener, trusted), "anna", "anna's secre"));
        assertEquals(1, binds.get());
    }

    @Test
    void given_no_password_when_logged_in_then_the_directory_is_not_even_asked() throws Exception {
        assertEquals(new Verdict.Unknown(), login(ldap("tls", trusted), "anna", ""));
        assertEquals(0, asked.get());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert",
                "*",
                "ann*",
                "\\2a",
                "anna)(uid=*",
                "*)(uid=*))(|(uid=*",
                "x)(|(uid=anna)",
                "anna\u0000",
                "uid=anna,dc=example,dc=org"
            })
    void given_a_name_that_is_nobodys_when_logged_in_then_nobody_is_bound_to(String name)
            throws Exception {
        assertEquals(new Verdict.Unknown(), login(ldap("tls", trusted), name, PASSWORD));
        assertEquals(0, binds.get());
    }

    @Test
    void given_a_name_of_signs_when_it_is_somebodys_then_it_stands_for_itself() throws Exception {
        var known =
                assertInstanceOf(
                        Verdict.Known.class, login(ldap("tls", trusted), "b*(x)", PASSWORD));
        assertEquals(new Person("b*(x)", "", "Odd", "", List.of()), known.person());
    }

    @Test
    void given_a_name_that_two_have_when_logged_in_then_neither_is_taken() throws Exception {
        int port = directory.getListenPort("tls");
        assertEquals(
                new Verdict.Unknown(),
                login(ldap(port, true, trusted, "employeeType"), "staff", PASSWORD));
        assertEquals(0, binds.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "start"})
    void given_a_certificate_of_a_stranger_when_logged_in_then_nothing_is_said_to_it(
            String listener) throws Exception {
        var away =
                assertInstanceOf(
                        Verdict.Away.class, login(ldap(listener, stranger), "anna", PASSWORD));
        assertEquals(0, asked.get());
        assertTrue(away.why().startsWith("localhost:"), away.why());
        assertFalse(away.why().contains(PASSWORD), away.why());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls-wrong", "start-wrong"})
    void given_a_certificate_of_another_host_when_logged_in_then_nothing_is_said_to_it(
            String listener) throws Exception {
        assertInstanceOf(Verdict.Away.class, login(ldap(listener, trusted), "anna", PASSWORD));
        assertEquals(0, asked.get());
    }

    @Test
    void given_a_directory_without_tls_when_logged_in_then_nothing_is_said_to_it()
            throws Exception {
        assertInstanceOf(Verdict.Away.class, login(ldap("plain", trusted), "anna", PASSWORD));
        int port = directory.getListenPort("plain");
        assertInstanceOf(
                Verdict.Away.class, login(ldap(port, true, trusted, "uid"), "anna", PASSWORD));
        assertEquals(0, asked.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void given_a_directory_that_is_away_when_logged_in_then_that_is_told(boolean tls)
            throws Exception {
        int port;
        try (var taken = new ServerSocket(0, 1, local())) {
            port = taken.getLocalPort();
        }
        assertInstanceOf(
                Verdict.Away.class, login(ldap(port, tls, trusted, "uid"), "anna", PASSWORD));
    }

    private static Ldap impatient(int port, boolean tls) {
        Ldap usual = ldap(port, tls, trusted, "uid");
        return new Ldap(
                usual.server(),
                usual.base(),
                tls,
                usual.authority(),
                usual.userFilter(),
                usual.groupFilter(),
                usual.attributes(),
                usual.account(),
                Duration.ofMillis(500));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void given_a_directory_that_says_nothing_when_logged_in_then_it_is_given_up(boolean tls)
            throws Exception {
        try (var silent = new ServerSocket(0, 10, local())) {
            long begun = System.nanoTime();
            assertInstanceOf(
                    Verdict.Away.class,
                    login(impatient(silent.getLocalPort(), tls), "anna", PASSWORD));
            assertTrue(System.nanoTime() - begun < Duration.ofSeconds(5).toNanos());
        }
    }

    /// It agrees to TLS (RFC 4511 section 4.14.2), and then does nothing more.
    @Test
    void given_a_directory_that_stops_at_the_handshake_when_logged_in_then_it_is_given_up()
            throws Exception {
        byte[] agreed = {0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0};
        try (var server = new ServerSocket(0, 10, local())) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (var socket = server.accept()) {
                            socket.getInputStream().read(new byte[100]);
                            socket.getOutputStream().write(agreed);
                            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                        } catch (IOException e) {
                            // The other side has given up.
                        }
                    });
            assertInstanceOf(
                    Verdict.Away.class,
                    login(impatient(server.getLocalPort(), false), "anna", PASSWORD));
        }
    }

    @Test
    void given_many_who_log_in_when_the_directory_is_slow_then_no_more_than_some_wait_for_it()
            throws Exception {
        try (var silent = new ServerSocket(0, 50, local())) {
            var people = new LdapPeople(ldap(silent.getLocalPort(), true, trusted, "uid"));
            var waiting = new ArrayList<CompletableFuture<Verdict>>();
            for (int i = 0; i < 16; i++) {
                var verdict = new CompletableFuture<Verdict>();
                people.login("anna", new Secret(PASSWORD), verdict::complete);
                waiting.add(verdict);
            }
            var more = new CompletableFuture<Verdict>();
            people.login("anna", new Secret(PASSWORD), more::complete);
            var away = assertInstanceOf(Verdict.Away.class, more.getNow(new Verdict.Unknown()));
            assertTrue(away.why().startsWith("16 logins"), away.why());
            for (var verdict : waiting) {
                assertInstanceOf(
                        Verdict.Away.class, verdict.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
            }
            await().atMost(LIMIT)
                    .until(() -> {
                        var next = new CompletableFuture<Verdict>();
                        people.login("anna", new Secret(PASSWORD), next::complete);
                        return !next.isDone();
                    });
        }
    }

    @Test
    void given_settings_that_cannot_be_used_when_started_then_the_error_names_them()
            throws Exception {
        Path none = Files.writeString(folder.resolve("none.pem"), "nothing\n");
        Ldap usual = ldap("tls", trusted);
        var noPem = assertThrows(IOException.class, () -> new LdapPeople(ldap("tls", none)));
        assertTrue(
                String.valueOf(noPem.getMessage()).startsWith("replica.control.ldap.ca: "),
                noPem + "");
        var filter =
                new Ldap(
                        usual.server(),
                        usual.base(),
                        true,
                        usual.authority(),
                        "(uid=%s",
                        "",
                        List.of(),
                        Optional.empty(),
                        usual.timeout());
        var noFilter = assertThrows(IOException.class, () -> new LdapPeople(filter));
        assertTrue(
                String.valueOf(noFilter.getMessage())
                        .startsWith("replica.control.ldap.user-filter: "),
                noFilter + "");
    }

    @Test
    void given_the_control_api_when_people_of_the_directory_log_in_then_they_may_and_no_others()
            throws Exception {
        var log = (Logger) LoggerFactory.getLogger("org.svcshare.spawn");
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        log.addAppender(lines);
        String body = "{\"username\":\"%s\",\"password\":\"%s\"}";
        try (var site = SpawnSite.of(SpawnSite.control(ldap("start", trusted)))) {
            String type = "application/json; charset=utf-8";
            assertEquals(401, site.get("/nodes").statusCode());
            var answer = site.login(type, body.formatted("anna", PASSWORD));
            assertEquals(200, answer.statusCode(), answer.body());
            String token = SpawnSite.json(answer).path("token").asString();
            assertEquals(
                    "Berg",
                    SpawnSite.json(site.get("/login/" + token)).at("/info/Name/Last").asString());
            assertEquals(
                    404,
                    site.send(site.request("/nodes").header("Authorization", "Bearer " + token))
                            .statusCode());
            assertEquals(
                    401,
                    site.login(type, body.formatted("anna", "mistaken-password")).statusCode());
            assertEquals(
                    401,
                    site.login(type, body.formatted("mistaken-password", "anna")).statusCode());
        } finally {
            log.detachAppender(lines);
        }
        assertFalse(lines.list.isEmpty());
        for (ILoggingEvent line : lines.list) {
            assertFalse(line.getFormattedMessage().contains("mistaken-password"));
            assertFalse(line.getFormattedMessage().contains(PASSWORD));
        }
    }

    @Test
    void given_the_control_api_when_the_directory_is_a_stranger_then_the_login_is_not_refused()
            throws Exception {
        try (var site = SpawnSite.of(SpawnSite.control(ldap("tls", stranger)))) {
            var answer =
                    site.login(
                            "application/json",
                            "{\"username\":\"anna\",\"password\":\"" + PASSWORD + "\"}");
            assertEquals(503, answer.statusCode());
            assertEquals(
                    "the directory cannot be asked now; the log says why",
                    SpawnSite.json(answer).path("info").asString());
        }
    }
}
