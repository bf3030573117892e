package org.svcshare.config;

/// A host and a port; an IPv6 address stands without brackets in `host`.
///
/// @param port 1 to 65535, or 0 for a free one where something listens
public record Endpoint(String host, int port) {
    public Endpoint {
        if (host.isBlank() || port < 0 || port > 65535) {
            throw new IllegalArgumentException(host + ":" + port);
        }
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
