package org.svcshare.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AllowListTest {

    @Test
    void given_no_networks_then_everybody_may_connect() {
        var list = new AllowList(List.of());
        assertTrue(list.allows(InetAddress.ofLiteral("203.0.113.9")));
        assertTrue(list.allows(InetAddress.ofLiteral("2001:db8::1")));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, true",
        "192.0.2.0/24, 192.0.3.0, false",
        "192.0.2.77/24, 192.0.2.1, true",
        "10.0.0.0/9, 10.127.255.255, true",
        "10.0.0.0/9, 10.128.0.0, false",
        "0.0.0.0/0, 8.8.8.8, true",
        "0.0.0.0/0, ::1, false",
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, fe80::1, true",
        "::1, ::1, true",
        "::1, ::2, false",
        "::ffff:10.0.0.0/104, 10.9.9.9, true",
        "::ffff:10.0.0.0/104, 11.0.0.0, false",
        "::ffff:10.0.0.1, 10.0.0.1, true",
    })
    void given_a_network_then_what_it_holds_may_connect(
            String network, String client, boolean allowed) {
        assertEquals(
                allowed, new AllowList(List.of(network)).allows(InetAddress.ofLiteral(client)));
    }

    @Test
    void given_an_ipv4_mapped_client_then_the_ipv4_networks_hold() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        mapped[15] = 7;
        var client = Inet6Address.getByAddress("mapped", mapped, -1);

        assertTrue(new AllowList(List.of("10.0.0.0/8")).allows(client));
        assertEquals(false, new AllowList(List.of("192.0.2.0/24")).allows(client));
    }

    @Test
    void given_several_networks_then_any_of_them_is_enough() {
        var list = new AllowList(List.of("192.0.2.0/24", " 2001:db8::/32 "));
        assertTrue(list.allows(InetAddress.ofLiteral("2001:db8::5")));
        assertTrue(list.allows(InetAddress.ofLiteral("192.0.2.5")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/8/8",
                "10.0.0/8",
                "10.0.0.256/8",
                "::/129",
                "::ffff:10.0.0.0/8",
                "fe80::1%lo/64",
                "1::2::3/64",
                "10.0.0.0/99999999999",
            })
    void given_what_is_no_network_then_it_is_refused_by_name(String text) {
        var refused =
                assertThrows(IllegalArgumentException.class, () -> new AllowList(List.of(text)));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("'" + text + "' is no network"));
    }
}
