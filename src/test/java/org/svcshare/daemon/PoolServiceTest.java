package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsReader;
import org.svcshare.web.StatusSource;

/// Pools and their HTTP server as the daemon starts them.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class PoolServiceTest {
    @TempDir private Path folder;

    private Settings settings(Map<String, String> environment) throws Exception {
        Path yaml =
                Files.writeString(folder.resolve("distributex.yaml"), "pools: [{name: puppet}]");
        return new SettingsReader(environment, "anna", folder, "1.2.3")
                .readDistributex(yaml, Optional.empty())
                .settings();
    }

    private static String get(int port, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
            return client.send(request.build(), BodyHandlers.ofString()).body();
        }
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void given_a_distributex_file_when_run_then_its_pools_are_served_without_a_bot()
            throws Exception {
        int port = freePort();
        Settings settings = settings(Map.of("SVCSHARE_STATE_FOLDER", folder + "/state"));
        try (Daemon daemon = Daemon.start(settings.with(settings.http().atPort(port)))) {
            assertEquals("YES", get(port, "/get/?host=a&pool=puppet"));
            assertEquals("NO", get(port, "/get/?host=b&pool=puppet"));
            assertEquals("INVALID", get(port, "/get/?host=b&pool=other"));
            assertTrue(get(port, "/api/v1/status").contains("\"turn\":null"));

            daemon.stop(Duration.ofSeconds(10));
            assertTrue(daemon.await());
        }
    }

    @Test
    void given_a_taken_port_when_it_was_asked_for_then_it_is_an_error_and_else_only_a_warning()
            throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Settings settings = settings(Map.of("SVCSHARE_POOLS_ENGINE", "memory"));
            var asked = settings.http().atPort(taken.getLocalPort());
            try (var service =
                    new PoolService(
                            settings.with(asked), Optional.empty(), StatusSource.poolsAlone("1"))) {
                service.start();
                var failure =
                        assertThrows(BindException.class, () -> service.listen(Optional.empty()));
                assertTrue(
                        String.valueOf(failure.getMessage()).contains("" + taken.getLocalPort()),
                        failure.getMessage());
            }
            var byDefault =
                    new org.svcshare.config.HttpSettings(
                            true,
                            asked.listen(),
                            false,
                            asked.tls(),
                            asked.tokens(),
                            asked.hosts(),
                            asked.legacy(),
                            asked.eventLoops(),
                            asked.limits());
            try (var service =
                    new PoolService(
                            settings.with(byDefault),
                            Optional.empty(),
                            StatusSource.poolsAlone("1"))) {
                service.start();
                service.listen(Optional.empty());
                service.drain();
            }
        }
    }
}
