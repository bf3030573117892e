package org.svcshare.client;

import java.util.List;
import org.svcshare.config.ClientSettings;

/// Opens the client program that the settings name.
public final class ClientPrograms {
    private static final List<String> TYPES =
            List.of(
                    "nzbget",
                    "sabnzbd",
                    "aria2",
                    "transmission",
                    "qbittorrent",
                    "hellanzb",
                    "exec",
                    "proxy");

    private ClientPrograms() {}

    /// What `client.type` may be.
    public static List<String> types() {
        return TYPES;
    }

    /// Talks to nobody yet.
    ///
    /// @param paused where an adapter keeps which items it stopped itself
    /// @throws IllegalArgumentException where the settings cannot be meant; the text names the key
    public static ClientProgram open(ClientSettings settings, PausedItems paused) {
        return switch (settings.type()) {
            case "nzbget" -> new Nzbget(http(settings, 6789, "nzbget"), settings);
            case "sabnzbd" -> new Sabnzbd(http(settings, 8080, ""), settings);
            case "aria2" -> new Aria2(http(settings, 6800, ""), settings, paused);
            case "transmission" -> new Transmission(http(settings, 9091, ""), settings, paused);
            case "qbittorrent" -> new Qbittorrent(http(settings, 8080, "admin"), settings, paused);
            case "hellanzb" -> new Hellanzb(http(settings, 8760, "hellanzb"));
            case "exec" -> new Exec(settings.exec(), settings.timeout());
            case "proxy" -> new Proxy();
            default ->
                    throw new IllegalArgumentException(
                            "client.type: "
                                    + Texts.excerpt(settings.type())
                                    + " is none of "
                                    + String.join(", ", TYPES));
        };
    }

    private static ClientHttp http(ClientSettings settings, int port, String user) {
        return ClientHttp.of(settings, port, user);
    }
}
