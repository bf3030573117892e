package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Locale;

/// What a proxy does to header fields: takes away those that belong to one connection (RFC 9110
/// 7.6.1), and says for whom it asks (RFC 7239, and the older `X-Forwarded-` fields) and that it
/// stood in between (`Via`, RFC 9110 7.6.3).
final class HeaderRules {
    static final AsciiString POSITION = AsciiString.cached("svcshare-position");
    static final AsciiString WRITE = AsciiString.cached("svcshare-write");
    static final AsciiString NODES = AsciiString.cached("svcshare-nodes");
    static final AsciiString IDEMPOTENCY_KEY = AsciiString.cached("idempotency-key");
    private static final AsciiString FORWARDED = AsciiString.cached("forwarded");
    private static final AsciiString FORWARDED_FOR = AsciiString.cached("x-forwarded-for");
    private static final AsciiString FORWARDED_PROTO = AsciiString.cached("x-forwarded-proto");
    private static final AsciiString FORWARDED_HOST = AsciiString.cached("x-forwarded-host");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString HTTP2_SETTINGS = AsciiString.cached("http2-settings");

    /// What Netty puts among the fields of a request that came over HTTP/2.
    private static final HttpConversionUtil.ExtensionHeaderNames[] HTTP2_EXTRAS =
            HttpConversionUtil.ExtensionHeaderNames.values();

    private HeaderRules() {}

    /// Takes away what belongs to the connection it came over. How a body is delimited stays.
    static void cross(HttpHeaders headers) {
        if (headers.contains(HttpHeaderNames.CONNECTION)) {
            List<String> listed = headers.getAll(HttpHeaderNames.CONNECTION);
            for (String line : listed) {
                for (String name : line.split(",", -1)) {
                    String each = name.strip().toLowerCase(Locale.ROOT);
                    boolean framing =
                            each.isEmpty()
                                    || each.equals("content-length")
                                    || each.equals("transfer-encoding")
                                    || each.equals("host");
                    if (!framing) {
                        headers.remove(each);
                    }
                }
            }
            headers.remove(HttpHeaderNames.CONNECTION);
        }
        headers.remove(KEEP_ALIVE);
        headers.remove(PROXY_CONNECTION);
        headers.remove(HttpHeaderNames.TE);
        headers.remove(HttpHeaderNames.UPGRADE);
        headers.remove(HTTP2_SETTINGS);
        for (HttpConversionUtil.ExtensionHeaderNames each : HTTP2_EXTRAS) {
            headers.remove(each.text());
        }
    }

    /// Makes a client's header one for a node.
    static void forward(HttpHeaders headers, HttpVersion version, Origin origin) {
        String host = headers.get(HttpHeaderNames.HOST, "");
        cross(headers);
        headers.remove(HttpHeaderNames.PROXY_AUTHORIZATION);
        headers.remove(HttpHeaderNames.EXPECT);
        append(headers, FORWARDED_FOR, origin.address());
        headers.set(FORWARDED_PROTO, origin.proto());
        if (host.isEmpty()) {
            // HTTP/1.0 has none, and a node is asked in HTTP/1.1.
            headers.set(HttpHeaderNames.HOST, "localhost");
        } else if (!headers.contains(FORWARDED_HOST)) {
            headers.set(FORWARDED_HOST, host);
        }
        append(headers, FORWARDED, origin.element());
        via(headers, version);
    }

    static void via(HttpHeaders headers, HttpVersion version) {
        append(headers, HttpHeaderNames.VIA, via(version));
    }

    private static String via(HttpVersion version) {
        if (version.equals(HttpVersion.HTTP_1_1)) {
            return "1.1 svcshare";
        }
        return version.majorVersion() == 2 ? "2 svcshare" : "1.0 svcshare";
    }

    private static void append(HttpHeaders headers, CharSequence name, String value) {
        if (headers.contains(name)) {
            headers.set(name, String.join(", ", headers.getAll(name)) + ", " + value);
        } else {
            headers.set(name, value);
        }
    }

    /// Whether a connection can carry another exchange after this message (RFC 9112 9.3).
    static boolean keepsAlive(HttpVersion version, HttpHeaders headers) {
        if (headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
            return false;
        }
        return version.isKeepAliveDefault()
                || headers.containsValue(
                        HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE, true);
    }
}
