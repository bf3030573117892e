package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.ClientSettings.ExecSettings;
import org.svcshare.config.TlsSettings;

/// A server with a certificate of its own for `box.lab.test`, which is not where it is found.
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientTlsTest {
    private static final char[] STORE = "changeit".toCharArray();

    private final HttpsServer server;
    private final Path pem;
    private final String pin;

    ClientTlsTest(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("server.p12");
        var keytool =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                                .toString(),
                                        "-genkeypair",
                                        "-alias",
                                        "server",
                                        "-keyalg",
                                        "EC",
                                        "-dname",
                                        "CN=elsewhere",
                                        "-ext",
                                        "SAN=dns:box.lab.test,dns:*.wild.test",
                                        "-validity",
                                        "2",
                                        "-storetype",
                                        "PKCS12",
                                        "-storepass",
                                        new String(STORE),
                                        "-keystore",
                                        store.toString()))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.out").toFile())
                        .start();
        assertEquals(0, keytool.waitFor());
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, STORE);
        }
        byte[] certificate = keys.getCertificate("server").getEncoded();
        pin = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        pem = folder.resolve("ca.pem");
        Files.writeString(
                pem,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                                .encodeToString(certificate)
                        + "\n-----END CERTIFICATE-----\n");
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, STORE);
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().readAllBytes();
                        byte[] body =
                                "{\"version\":\"1.1\",\"result\":\"21.0\"}"
                                        .getBytes(StandardCharsets.UTF_8);
                        exchange.sendResponseHeaders(200, body.length);
                        exchange.getResponseBody().write(body);
                    }
                });
    }

    @BeforeAll
    void start() {
        server.start();
    }

    @AfterAll
    void stop() {
        server.stop(0);
    }

    private static TlsSettings tls(
            boolean verify, Optional<String> pin, Optional<Path> ca, Optional<String> serverName) {
        return new TlsSettings(
                true, verify, pin, ca, Optional.empty(), Optional.empty(), serverName);
    }

    private ClientProgram open(TlsSettings tls) {
        return ClientPrograms.open(
                new ClientSettings(
                        "nzbget",
                        Optional.of(
                                URI.create("https://127.0.0.1:" + server.getAddress().getPort())),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        tls,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        ExecSettings.NONE),
                new ClientProgramContract.Memory());
    }

    private void believed(TlsSettings tls) throws Exception {
        try (ClientProgram program = open(tls)) {
            assertEquals("21.0", program.probe().version());
        }
    }

    private String refused(TlsSettings tls) {
        try (ClientProgram program = open(tls)) {
            var e = assertThrows(ClientException.class, program::probe);
            assertEquals(Kind.UNREACHABLE, e.kind());
            assertTrue(String.valueOf(e.getMessage()).contains("TLS"), e.getMessage());
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void given_no_settings_then_an_unknown_certificate_is_refused() {
        refused(TlsSettings.VERIFIED);
        refused(TlsSettings.OFF); // https in the URL is enough
    }

    @Test
    void given_its_pin_then_it_is_believed_whatever_its_name() throws Exception {
        believed(tls(true, Optional.of(pin), Optional.empty(), Optional.empty()));
        String colons = pin.toUpperCase(Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
        believed(tls(true, Optional.of(colons), Optional.empty(), Optional.empty()));
    }

    @Test
    void given_another_pin_then_it_is_refused_and_the_right_one_is_told() {
        String message =
                refused(
                        tls(
                                false,
                                Optional.of("0".repeat(64)),
                                Optional.empty(),
                                Optional.empty()));

        assertTrue(message.contains(pin), message);
    }

    @Test
    void given_no_verification_then_anybody_is_believed() throws Exception {
        believed(tls(false, Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @Test
    void given_its_authority_then_the_name_still_has_to_be_right() throws Exception {
        refused(tls(true, Optional.empty(), Optional.of(pem), Optional.empty()));
        for (String name : List.of("box.lab.test", "BOX.lab.test", "a.wild.test")) {
            believed(tls(true, Optional.empty(), Optional.of(pem), Optional.of(name)));
        }
        for (String name : List.of("elsewhere", "a.b.wild.test", "wild.test", "test")) {
            refused(tls(true, Optional.empty(), Optional.of(pem), Optional.of(name)));
        }
        refused(tls(true, Optional.empty(), Optional.empty(), Optional.of("box.lab.test")));
    }

    @Test
    void given_settings_that_cannot_be_meant_then_the_message_names_the_key(@TempDir Path folder)
            throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        var none = Optional.<String>empty();
        for (TlsSettings wrong :
                List.of(
                        tls(true, Optional.of("abc"), Optional.empty(), none),
                        tls(true, none, Optional.of(empty), none),
                        tls(true, none, Optional.of(folder.resolve("missing.pem")), none),
                        new TlsSettings(
                                true,
                                true,
                                none,
                                Optional.empty(),
                                Optional.of(empty),
                                Optional.empty(),
                                none))) {
            var e = assertThrows(IllegalArgumentException.class, () -> open(wrong));
            assertTrue(String.valueOf(e.getMessage()).startsWith("client.tls."), e.getMessage());
        }
    }
}
