package org.svcshare.replica;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where one copy of the service is.
///
/// @param host a name or an address of letters, digits and `._-` (IPv6 with colons), in lower case;
///   1 to 253 characters
/// @param port 1 to 65,535
public record NodeAddress(String host, int port) implements Comparable<NodeAddress> {
    private static final Pattern HOST =
            Pattern.compile("[a-z0-9_.-]{1,253}|[0-9a-f:]{2,39}(%[a-z0-9_.-]{1,20})?");

    private static final Comparator<NodeAddress> ORDER =
            Comparator.comparing(NodeAddress::host).thenComparingInt(NodeAddress::port);

    /// @throws IllegalArgumentException for a host or a port that cannot be
    public NodeAddress {
        host = host.toLowerCase(Locale.ROOT);
        if (!isHost(host)) {
            throw new IllegalArgumentException("not a host: " + host.length() + " characters");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
    }

    public static boolean isHost(String host) {
        return HOST.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }

    @Override
    public int compareTo(NodeAddress other) {
        return ORDER.compare(this, other);
    }

    /// `host:port`, with brackets around an IPv6 address.
    @Override
    public String toString() {
        return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
