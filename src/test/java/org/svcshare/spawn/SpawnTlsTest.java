package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.ReplicaSettings.Control;
import org.svcshare.replica.SampleReplicas;

/// The control API over TLS.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SpawnTlsTest {
    private static Control control(HttpSettings.Tls tls) {
        return new Control(
                true,
                new Endpoint("127.0.0.1", 0),
                Optional.of(tls),
                Duration.ofMinutes(1),
                Optional.empty());
    }

    private static SSLContext trusting(Path pem) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(pem)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    @Test
    void given_a_certificate_when_asked_over_tls_then_it_is_shown_and_plain_http_is_not_answered(
            @TempDir Path folder) throws Exception {
        var authority = new TestAuthority(folder, "ca");
        var pem = authority.sign("n", "ip:127.0.0.1").own();
        for (HttpSettings.Tls tls : new HttpSettings.Tls[] {pem, authority.inStore("n").own()}) {
            try (var site = SpawnSite.of(control(tls));
                    var client =
                            HttpClient.newBuilder().sslContext(trusting(authority.pem())).build()) {
                var request =
                        HttpRequest.newBuilder(
                                        URI.create("https://127.0.0.1:" + site.port() + "/nodes"))
                                .timeout(SpawnSite.LIMIT)
                                .build();
                assertEquals(404, client.send(request, BodyHandlers.ofString()).statusCode());
                assertThrows(IOException.class, () -> site.get("/nodes"));
            }
        }
    }

    @Test
    void given_a_certificate_that_is_not_there_when_started_then_that_is_told(
            @TempDir Path folder) {
        var tls =
                new HttpSettings.Tls(
                        folder.resolve("none.pem"),
                        Optional.of(folder.resolve("none.key")),
                        Optional.empty());
        try (var replicas = new SampleReplicas()) {
            var e =
                    assertThrows(
                            IOException.class,
                            () -> SpawnServer.start(control(tls), replicas, "1"));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("replica.control: "), e.getMessage());
        }
    }
}
