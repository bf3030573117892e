package org.svcshare.web;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.pool.PoolRules;

/// The three calls of distributex, byte for byte.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class DistributexTest {
    private final TestSite site = start();

    private static TestSite start() {
        try {
            return TestSite.with()
                    .pools(
                            new PoolRules("p", 1, 1_800_000, 100, Set.of()),
                            new PoolRules("two", 2, 0, 100, Set.of()),
                            new PoolRules("few", 1, 0, 100, Set.of("a", "b")))
                    .declaredOnly()
                    .token("ops", Role.ADMIN, "0123456789abcdef")
                    .start();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        site.close();
    }

    private String ask(String call, String host, String pool) throws Exception {
        var response = site.get("/" + call + "?host=" + host + "&pool=" + pool);
        assertEquals(200, response.statusCode());
        assertEquals("text/plain", response.headers().firstValue("content-type").orElse(""));
        assertEquals(
                "" + response.body().length(),
                response.headers().firstValue("content-length").orElse(""));
        return response.body();
    }

    private int waiting(String pool) throws Exception {
        return TestSite.json(
                        site.send(
                                site.request("/api/v1/pools/" + pool)
                                        .header("Authorization", "Bearer 0123456789abcdef")))
                .path("waiting")
                .asInt();
    }

    @Test
    void given_a_mutex_when_taken_then_the_other_host_gets_it_after_the_release() throws Exception {
        assertEquals("YES", ask("get/", "a", "p"));
        assertEquals("YES", ask("get/", "a", "p"));
        assertEquals("NO", ask("get/", "b", "p"));
        assertEquals("OK", ask("release/", "b", "p"));
        assertEquals("NO", ask("get", "b", "p"));
        assertEquals("OK", ask("release", "a", "p"));
        assertEquals("OK", ask("release/", "a", "p"));
        assertEquals("YES", ask("get/", "b", "p"));
        assertEquals("OK", ask("release/", "b", "p"));
        assertEquals("YES", ask("get/", "a", "p"));
    }

    @Test
    void given_a_semaphore_when_full_then_only_its_holders_have_it() throws Exception {
        assertEquals("YES", ask("get/", "a", "two"));
        assertEquals("YES", ask("get/", "b", "two"));
        assertEquals("NO", ask("get/", "c", "two"));
        assertEquals("YES", ask("wait/", "b", "two"));
        ask("release/", "a", "two");
        assertEquals("YES", ask("get/", "c", "two"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/get/",
                "/get/?host=a",
                "/get/?pool=p",
                "/get/?host=&pool=p",
                "/get/?host=a&pool=",
                "/get/?host=a&pool=unknown",
                "/get/?host=c&pool=few",
                "/get/?host=%ff&pool=p",
                "/get/?host=a%0d%0ab&pool=p",
                "/wait/?host=a&pool=unknown",
                "/wait?pool=p",
                "/release/?host=a&pool=unknown",
                "/release/?host=c&pool=few",
                "/release",
            })
    void given_what_makes_no_sense_when_asked_then_the_answer_is_invalid(String path)
            throws Exception {
        var response = site.get(path);

        assertEquals(200, response.statusCode());
        assertEquals("INVALID", response.body());
    }

    @Test
    void given_hosts_that_wait_when_released_then_they_get_it_in_their_order() throws Exception {
        ask("get/", "a", "p");
        var second = site.sendLater(site.request("/wait/?host=b&pool=p"));
        await().atMost(TestSite.LIMIT).until(() -> waiting("p") == 1);
        var third = site.sendLater(site.request("/wait/?host=c&pool=p"));
        await().atMost(TestSite.LIMIT).until(() -> waiting("p") == 2);

        ask("release/", "a", "p");
        assertEquals("YES", second.get().body());
        assertTrue(!third.isDone());
        ask("release/", "b", "p");
        assertEquals("YES", third.get().body());
    }

    @Test
    void given_a_host_that_waits_when_it_hangs_up_then_it_waits_no_more() throws Exception {
        ask("get/", "a", "p");
        try (Socket socket = site.socket()) {
            socket.getOutputStream()
                    .write(
                            "GET /wait/?host=b&pool=p HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            await().atMost(TestSite.LIMIT).until(() -> waiting("p") == 1);
        }
        await().atMost(TestSite.LIMIT).until(() -> waiting("p") == 0);
        ask("release/", "a", "p");
        assertEquals("YES", ask("get/", "c", "p"));
    }

    @Test
    void given_another_method_when_asked_then_it_is_refused() throws Exception {
        var response = site.delete("/get/?host=a&pool=p");

        assertEquals(405, response.statusCode());
        assertEquals("GET", response.headers().firstValue("allow").orElse(""));
    }
}
