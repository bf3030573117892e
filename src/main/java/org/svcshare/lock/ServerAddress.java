package org.svcshare.lock;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/// Where a server of the pools is.
///
/// @param tls whether it is spoken to over TLS
/// @param host a name or an address, of IPv6 without brackets
/// @param path what stands before `/api/v1`, for a server behind a proxy; empty or without a slash
///   at its end
public record ServerAddress(boolean tls, String host, int port, String path) {
    private static final int DEFAULT_PORT = 9889;

    /// `host`, `host:port` (9889 without), `http://…` or `https://…`.
    ///
    /// @throws IllegalArgumentException when it is none of those; the message says so
    public static ServerAddress parse(String text) {
        String address = text.strip();
        boolean bare = !address.contains("://");
        try {
            var uri = new URI(bare ? "http://" + address : address);
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            boolean tls = scheme.equals("https");
            String host = uri.getHost();
            boolean known = tls || scheme.equals("http");
            if (!known
                    || host == null
                    || uri.getRawUserInfo() != null
                    || uri.getRawQuery() != null
                    || uri.getRawFragment() != null
                    || uri.getPort() > 0xffff) {
                throw unfit(text);
            }
            int usual = bare ? DEFAULT_PORT : tls ? 443 : 80;
            String path = uri.getRawPath() == null ? "" : uri.getRawPath();
            while (path.endsWith("/")) {
                path = path.substring(0, path.length() - 1);
            }
            return new ServerAddress(
                    tls,
                    host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                    uri.getPort() < 0 ? usual : uri.getPort(),
                    path);
        } catch (URISyntaxException _) {
            throw unfit(text);
        }
    }

    private static IllegalArgumentException unfit(String text) {
        return new IllegalArgumentException(
                "expected host:port, http://host or https://host, found '" + text + "'");
    }

    /// As in a `Host` header.
    String authority() {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return bracketed + ":" + port;
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + authority() + path;
    }
}
