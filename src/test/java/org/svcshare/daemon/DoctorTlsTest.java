package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.SettingsReader;

/// The look at a real TLS server whose certificate for `localhost` is signed by itself.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class DoctorTlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir private static Path folder;

    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private AutoCloseable server = () -> {};
    private String fingerprint = "";

    @BeforeEach
    void start() throws Exception {
        Path file = folder.resolve("server.p12");
        if (!Files.exists(file)) {
            keytool(
                    "-genkeypair",
                    "-keystore",
                    file.toString(),
                    "-alias",
                    "server",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "SAN=dns:localhost",
                    "-validity",
                    "2");
            keytool(
                    "-exportcert",
                    "-rfc",
                    "-keystore",
                    file.toString(),
                    "-alias",
                    "server",
                    "-file",
                    folder.resolve("server.pem").toString());
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        byte[] certificate = keys.getCertificate("server").getEncoded();
        fingerprint =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        var socket =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(0, 10, InetAddress.getByName("localhost"));
        server = socket;
        Thread.ofVirtual().start(() -> serve(socket));
        environment.put("SVCSHARE_GATE_LISTEN", "127.0.0.1:0");
        environment.put("SVCSHARE_GATE_TARGETS", "localhost:" + socket.getLocalPort());
        environment.put("SVCSHARE_IRC_SERVER", "localhost:" + socket.getLocalPort());
        environment.put("SVCSHARE_IRC_TLS_ENABLED", "true");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static void keytool(String... args) throws Exception {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(args));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.out").toFile())
                        .start();
        assertEquals(0, process.waitFor(), () -> "keytool " + List.of(args));
    }

    private static void serve(SSLServerSocket socket) {
        while (!socket.isClosed()) {
            try (var client = (SSLSocket) socket.accept()) {
                client.startHandshake();
                int end = client.getInputStream().read();
                assertTrue(end < 256);
            } catch (IOException e) {
                // The client did not like us, or the test is over.
            }
        }
    }

    private Finding irc() throws Exception {
        var reader = new SettingsReader(environment, "anna", folder, "1");
        findings.clear();
        new Doctor(reader.readWithoutFile().settings()).examine(findings::add);
        return findings.stream().filter(f -> f.subject().equals("IRC")).findFirst().orElseThrow();
    }

    @Test
    void given_a_certificate_nobody_vouches_for_when_looked_at_then_it_is_broken_and_named()
            throws Exception {
        Finding finding = irc();

        assertEquals(Finding.Verdict.BROKEN, finding.verdict());
        assertTrue(finding.text().contains(fingerprint), finding.text());
    }

    @Test
    void given_its_pin_when_looked_at_then_it_is_well() throws Exception {
        environment.put("SVCSHARE_IRC_TLS_PIN", fingerprint);

        assertEquals(Finding.Verdict.WELL, irc().verdict(), () -> findings.toString());
    }

    @Test
    void given_another_pin_when_looked_at_then_it_is_broken() throws Exception {
        environment.put("SVCSHARE_IRC_TLS_PIN", "00".repeat(32));

        assertEquals(Finding.Verdict.BROKEN, irc().verdict());
    }

    @Test
    void given_its_authority_when_looked_at_then_it_is_verified() throws Exception {
        environment.put("SVCSHARE_IRC_TLS_CA", folder.resolve("server.pem").toString());

        Finding finding = irc();

        assertEquals(Finding.Verdict.WELL, finding.verdict(), finding.text());
        assertTrue(finding.text().contains("certificate verified"), finding.text());
    }

    @Test
    void given_its_authority_but_another_name_when_looked_at_then_it_is_broken() throws Exception {
        environment.put("SVCSHARE_IRC_TLS_CA", folder.resolve("server.pem").toString());
        environment.put("SVCSHARE_IRC_TLS_SERVER_NAME", "irc.example.net");

        Finding finding = irc();

        assertEquals(Finding.Verdict.BROKEN, finding.verdict(), finding.text());
    }

    @Test
    void given_no_wish_to_verify_when_looked_at_then_it_says_so() throws Exception {
        environment.put("SVCSHARE_IRC_TLS_VERIFY", "false");

        Finding finding = irc();

        assertEquals(Finding.Verdict.WELL, finding.verdict());
        assertTrue(finding.text().contains("NOT verified"), finding.text());
        assertFalse(finding.text().contains("certificate verified"), finding.text());
    }
}
