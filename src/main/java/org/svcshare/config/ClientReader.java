package org.svcshare.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.svcshare.config.ClientSettings.ExecSettings;

/// Reads the `client` block.
final class ClientReader {
    /// Types with a control interface, and where that usually is.
    private static final Map<String, String> WITH_URL =
            new TreeMap<>(
                    Map.of(
                            "nzbget", "http://127.0.0.1:6789",
                            "sabnzbd", "http://127.0.0.1:8080",
                            "aria2", "http://127.0.0.1:6800",
                            "transmission", "http://127.0.0.1:9091",
                            "qbittorrent", "http://127.0.0.1:8080",
                            "hellanzb", "http://127.0.0.1:8760"));

    static final String PROXY = "proxy";
    static final String EXEC = "exec";

    private final Section client;

    ClientReader(Section client) {
        this.client = client;
    }

    ClientSettings read() {
        Map<String, String> types =
                WITH_URL.keySet().stream()
                        .collect(Collectors.toMap(Function.identity(), Function.identity()));
        types.put(PROXY, PROXY);
        types.put(EXEC, EXEC);
        String type = client.choice("type", types, PROXY);
        Optional<URI> given = client.url("url", WITH_URL.getOrDefault(type, "http://127.0.0.1:80"));
        Optional<URI> url = given.map(ClientReader::withoutUser).or(() -> usual(type));
        List<String> inUrl = given.map(ClientReader::user).orElse(List.of());
        Optional<String> user = client.text("user").or(() -> inUrl.stream().findFirst());
        Optional<Secret> password =
                client.secret("password")
                        .or(() -> inUrl.stream().skip(1).findFirst().map(Secret::new));
        var settings =
                new ClientSettings(
                        type,
                        url,
                        user,
                        password,
                        client.secret("key"),
                        client.text("category"),
                        TlsReader.read(
                                client.section("tls"),
                                url.map(u -> "https".equalsIgnoreCase(u.getScheme()))
                                        .orElse(false)),
                        client.duration("poll-every", Duration.ofMillis(500)),
                        client.duration("timeout", Duration.ofMillis(100)),
                        exec(client.section("exec"), type));
        client.done();
        return settings;
    }

    private Optional<URI> usual(String type) {
        return Optional.ofNullable(WITH_URL.get(type))
                .map(URI::create)
                .map(url -> client.derived("url", url));
    }

    private static ExecSettings exec(Section exec, String type) {
        var settings =
                new ExecSettings(
                        exec.texts("queue"),
                        exec.texts("pause"),
                        exec.texts("resume"),
                        exec.texts("enqueue"));
        exec.done();
        if (type.equals(EXEC) && settings.queue().isEmpty()) {
            exec.problem("queue", "expected an argument list that prints the MB left, found none");
        }
        return settings;
    }

    /// User and password of `user:password@`, as far as they are there.
    private static List<String> user(URI url) {
        if (url.getRawUserInfo() == null) {
            return List.of();
        }
        return List.of(url.getRawUserInfo().split(":", 2)).stream()
                .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
                .toList();
    }

    private static URI withoutUser(URI url) {
        try {
            return new URI(
                    url.getScheme(),
                    null,
                    url.getHost(),
                    url.getPort(),
                    url.getPath(),
                    url.getQuery(),
                    null);
        } catch (URISyntaxException e) {
            return url;
        }
    }
}
