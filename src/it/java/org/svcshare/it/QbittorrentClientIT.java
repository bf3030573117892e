package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.client.ClientCheck;
import org.svcshare.client.ClientProgram;

/// qbittorrent-nox, loading from a web seed.
final class QbittorrentClientIT extends ClientContractIT {

    @Override
    RealPart start(Path folder, int port) throws Exception {
        return start(folder, port, true);
    }

    private static RealPart start(Path folder, int port, boolean login) throws Exception {
        Path program = RealPart.find("qbittorrent-nox");
        Path settings = folder.resolve("qBittorrent/config");
        Files.createDirectories(settings);
        Files.writeString(
                settings.resolve("qBittorrent.conf"),
                """
                [LegalNotice]
                Accepted=true

                [BitTorrent]
                Session\\DHTEnabled=false
                Session\\LSDEnabled=false
                Session\\PeXEnabled=false
                Session\\Interface=lo
                Session\\InterfaceName=lo
                Session\\Port=%d
                Session\\DefaultSavePath=%s

                [Network]
                PortForwardingEnabled=false

                [Preferences]
                General\\Locale=en
                WebUI\\Address=127.0.0.1
                WebUI\\Port=%d
                WebUI\\LocalHostAuth=%s
                WebUI\\UseUPnP=false
                WebUI\\Username=%s
                WebUI\\Password_PBKDF2="@ByteArray(%s)"
                """
                        .formatted(
                                RealPart.freePort(), folder, port, login, USER, hashed(PASSWORD)));
        return RealPart.start(
                folder,
                Map.of("HOME", folder.toString()),
                List.of(program.toString(), "--profile=" + folder));
    }

    @Test
    void given_a_bypass_for_our_address_then_no_password_is_needed(@TempDir Path free)
            throws Exception {
        int port = RealPart.freePort();
        try (RealPart part = start(free, port, false);
                ClientProgram stranger = open(URI.create("http://127.0.0.1:" + port), "wrong")) {
            untilQueue("it answers: " + part.printed(), () -> ClientCheck.run(stranger).ok());
            assertEquals(0, stranger.snapshot().totalMb());
        }
    }

    /// As qBittorrent keeps it: salt and key in base64, PBKDF2 with SHA-512 and 100000 rounds.
    private static String hashed(String password) throws Exception {
        byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        byte[] key =
                SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                        .generateSecret(new PBEKeySpec(password.toCharArray(), salt, 100_000, 512))
                        .getEncoded();
        Base64.Encoder encoder = Base64.getEncoder();
        return encoder.encodeToString(salt) + ":" + encoder.encodeToString(key);
    }

    @Override
    String type() {
        return "qbittorrent";
    }

    @Override
    String name() {
        return "qBittorrent";
    }

    @Override
    URI link(String name) {
        return served("/" + name + ".torrent");
    }

    /// The only torrent there is: this version tells no id.
    @Override
    void pauseByHand(URI url, String id) throws Exception {
        var login =
                ask(
                        HttpRequest.newBuilder(url.resolve("/api/v2/auth/login"))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(
                                        BodyPublishers.ofString(
                                                "username=" + USER + "&password=" + encoded())));
        assertEquals("Ok.", login.body());
        String cookie = login.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
        String list =
                ask(HttpRequest.newBuilder(url.resolve("/api/v2/torrents/info"))
                                .header("Cookie", cookie)
                                .GET())
                        .body();
        var hash = Pattern.compile("\"hash\":\"([0-9a-f]{40})\"").matcher(list);
        assertEquals(true, hash.find(), list);
        ask(
                HttpRequest.newBuilder(url.resolve("/api/v2/torrents/pause"))
                        .header("Cookie", cookie)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("hashes=" + hash.group(1))));
    }

    private static String encoded() {
        return URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8);
    }
}
