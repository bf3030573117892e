package org.svcshare.it;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// transmission-daemon, loading from a web seed.
final class TransmissionClientIT extends ClientContractIT {

    @Override
    RealPart start(Path folder, int port) throws Exception {
        Path program = RealPart.find("transmission-daemon");
        Files.writeString(
                folder.resolve("settings.json"),
                json(
                        Map.ofEntries(
                                Map.entry("bind-address-ipv4", "127.0.0.1"),
                                Map.entry("bind-address-ipv6", "::1"),
                                Map.entry("dht-enabled", false),
                                Map.entry("pex-enabled", false),
                                Map.entry("lpd-enabled", false),
                                Map.entry("utp-enabled", false),
                                Map.entry("port-forwarding-enabled", false),
                                Map.entry("peer-port", RealPart.freePort()),
                                Map.entry("download-dir", folder.toString()),
                                Map.entry("rpc-bind-address", "127.0.0.1"),
                                Map.entry("rpc-authentication-required", true),
                                Map.entry("rpc-username", USER),
                                Map.entry("rpc-password", PASSWORD))));
        return RealPart.start(
                folder,
                Map.of("HOME", folder.toString()),
                List.of(program.toString(), "-f", "-g", folder.toString(), "--port", "" + port));
    }

    @Override
    String type() {
        return "transmission";
    }

    @Override
    String name() {
        return "Transmission";
    }

    @Override
    URI link(String name) {
        return served("/" + name + ".torrent");
    }

    @Override
    void pauseByHand(URI url, String id) throws Exception {
        String body =
                json(Map.of("method", "torrent-stop", "arguments", Map.of("ids", List.of(id))));
        String pair =
                Base64.getEncoder()
                        .encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url.resolve("/transmission/rpc"))
                        .header("Authorization", "Basic " + pair)
                        .POST(BodyPublishers.ofString(body));
        String session = "X-Transmission-Session-Id";
        request.header(session, ask(request).headers().firstValue(session).orElseThrow());
        ask(request);
    }
}
