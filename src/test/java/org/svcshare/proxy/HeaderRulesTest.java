package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// What a proxy does to header fields.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HeaderRulesTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 4711);

    private static HttpHeaders headers(String... namesAndValues) {
        var headers = new DefaultHttpHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    @Test
    void given_fields_of_the_connection_when_passed_on_then_they_stay_behind() {
        HttpHeaders headers =
                headers(
                        "Connection", "keep-alive, X-Own",
                        "Connection", "close",
                        "Keep-Alive", "timeout=5",
                        "X-Own", "1",
                        "TE", "trailers",
                        "Upgrade", "websocket",
                        "Proxy-Connection", "keep-alive",
                        "X-Other", "2");
        HeaderRules.cross(headers);
        assertEquals(List.of("X-Other"), List.copyOf(headers.names()));
    }

    @Test
    void given_a_client_that_lists_the_framing_when_passed_on_then_that_stays() {
        HttpHeaders headers =
                headers("Connection", "Content-Length, Host", "Content-Length", "3", "Host", "a");
        HeaderRules.cross(headers);
        assertEquals("3", headers.get("content-length"));
        assertEquals("a", headers.get("host"));
    }

    @Test
    void given_a_request_when_forwarded_then_it_says_for_whom() {
        HttpHeaders headers = headers("Host", "shop.example", "Proxy-Authorization", "Basic x");
        HeaderRules.forward(headers, HttpVersion.HTTP_1_1, Origin.of(CLIENT, false));
        assertEquals("192.0.2.7", headers.get("x-forwarded-for"));
        assertEquals("http", headers.get("x-forwarded-proto"));
        assertEquals("shop.example", headers.get("x-forwarded-host"));
        assertEquals("for=192.0.2.7;proto=http", headers.get("forwarded"));
        assertEquals("1.1 svcshare", headers.get("via"));
        assertFalse(headers.contains("proxy-authorization"));
        assertEquals("shop.example", headers.get("host"));
    }

    @Test
    void given_a_request_of_another_proxy_when_forwarded_then_the_chain_grows() {
        HttpHeaders headers =
                headers(
                        "X-Forwarded-For", "198.51.100.1",
                        "X-Forwarded-For", "198.51.100.2",
                        "Forwarded", "for=198.51.100.1",
                        "Via", "1.0 first");
        HeaderRules.forward(headers, HttpVersion.valueOf("HTTP/2.0"), Origin.of(CLIENT, true));
        assertEquals("198.51.100.1, 198.51.100.2, 192.0.2.7", headers.get("x-forwarded-for"));
        assertEquals("for=198.51.100.1, for=192.0.2.7;proto=https", headers.get("forwarded"));
        assertEquals("1.0 first, 2 svcshare", headers.get("via"));
    }

    @Test
    void given_an_ipv6_client_when_forwarded_then_it_is_quoted_where_it_must_be() {
        HttpHeaders headers = headers();
        HeaderRules.forward(
                headers,
                HttpVersion.HTTP_1_1,
                Origin.of(new InetSocketAddress("2001:db8::1", 1), false));
        assertEquals("2001:db8:0:0:0:0:0:1", headers.get("x-forwarded-for"));
        assertEquals("for=\"[2001:db8:0:0:0:0:0:1]\";proto=http", headers.get("forwarded"));
    }

    @Test
    void given_versions_and_fields_when_asked_then_the_connection_stays_or_not() {
        assertTrue(HeaderRules.keepsAlive(HttpVersion.HTTP_1_1, headers()));
        assertFalse(
                HeaderRules.keepsAlive(HttpVersion.HTTP_1_1, headers("Connection", "x, Close")));
        assertFalse(HeaderRules.keepsAlive(HttpVersion.HTTP_1_0, headers()));
        assertTrue(
                HeaderRules.keepsAlive(HttpVersion.HTTP_1_0, headers("Connection", "Keep-Alive")));
    }
}
