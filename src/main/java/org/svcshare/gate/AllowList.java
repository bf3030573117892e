package org.svcshare.gate;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Which addresses may connect: networks in CIDR form (RFC 4632, RFC 4291 section 2.3).
///
/// A bare address is a network of one. Bits behind the prefix are ignored, and an IPv4-mapped IPv6
/// network (`::ffff:10.0.0.0/104`) is the IPv4 network that it stands for.
final class AllowList {
    private static final Pattern DOTTED = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final int MAPPED_BITS = 96;

    private final List<Network> networks;

    private static final class Network {
        private final byte[] address;
        private final int prefixBits;

        Network(byte[] address, int prefixBits) {
            this.address = address;
            this.prefixBits = prefixBits;
        }

        boolean contains(byte[] candidate) {
            if (candidate.length != address.length) {
                return false;
            }
            int whole = prefixBits / 8;
            for (int i = 0; i < whole; i++) {
                if (candidate[i] != address[i]) {
                    return false;
                }
            }
            int left = prefixBits % 8;
            return left == 0 || ((candidate[whole] ^ address[whole]) & 0xff) >> (8 - left) == 0;
        }
    }

    /// @param networks empty allows everybody
    /// @throws IllegalArgumentException with a text for people, for what is not a network
    AllowList(List<String> networks) {
        var parsed = new ArrayList<Network>();
        for (String network : networks) {
            parsed.add(parse(network.strip()));
        }
        this.networks = List.copyOf(parsed);
    }

    boolean allows(InetAddress client) {
        if (networks.isEmpty()) {
            return true;
        }
        byte[] address = unmapped(client.getAddress());
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Network parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        boolean six = literal.indexOf(':') >= 0;
        if (literal.indexOf('%') >= 0 || !(six || DOTTED.matcher(literal).matches())) {
            throw wrong(text);
        }
        byte[] address;
        try {
            address = InetAddress.ofLiteral(literal).getAddress();
        } catch (IllegalArgumentException _) {
            throw wrong(text);
        }
        int writtenBits = six ? 128 : 32;
        int prefix = slash < 0 ? writtenBits : prefix(text, slash, writtenBits);
        if (six && address.length == 4) {
            // The JDK hands out an IPv4 address for a mapped one.
            prefix -= MAPPED_BITS;
            if (prefix < 0) {
                throw wrong(text);
            }
        }
        return new Network(address, prefix);
    }

    private static int prefix(String text, int slash, int bits) {
        String digits = text.substring(slash + 1);
        if (!digits.matches("\\d{1,3}") || Integer.parseInt(digits) > bits) {
            throw wrong(text);
        }
        return Integer.parseInt(digits);
    }

    private static byte[] unmapped(byte[] address) {
        if (address.length != 16 || (address[10] & 0xff) != 0xff || (address[11] & 0xff) != 0xff) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return new byte[] {address[12], address[13], address[14], address[15]};
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no network like 192.0.2.0/24, 2001:db8::/32 or 127.0.0.1");
    }
}
