package org.svcshare.proxy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// For whom a connection's requests are passed on, as header fields say it; the same for all of
/// them.
///
/// @param address of the client, without a port
/// @param proto `http` or `https`
/// @param element of `Forwarded` (RFC 7239)
record Origin(String address, String proto, String element) {
    /// @param tls whether it came over TLS
    static Origin of(SocketAddress client, boolean tls) {
        String proto = tls ? "https" : "http";
        if (!(client instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return new Origin("unknown", proto, "for=unknown;proto=" + proto);
        }
        InetAddress address = inet.getAddress();
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        String bare = zone < 0 ? text : text.substring(0, zone);
        String node = address instanceof Inet6Address ? "\"[" + bare + "]\"" : bare;
        return new Origin(bare, proto, "for=" + node + ";proto=" + proto);
    }
}
