package org.svcshare.hook;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.ReporterSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.Happening;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class ReporterTest {
    private static final Happening MOVED =
            new Happening.Transferred(
                    4096,
                    Instant.parse("2026-11-21T12:00:30.571Z"),
                    Instant.parse("2026-11-21T12:00:40Z"));
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:41Z");

    private Receiver receiver = new Receiver();

    @BeforeEach
    void start() throws Exception {
        receiver = new Receiver();
        receiver.start();
    }

    @AfterEach
    void stop() {
        receiver.stop();
    }

    @Test
    void given_a_transfer_when_it_ends_then_the_form_of_0_3_goes_to_post() throws Exception {
        try (var reporter =
                new Reporter(
                        new ReporterSettings(receiver.uri("/elsewhere?x=1"), new Secret("k 1&")))) {
            reporter.accept(new Happening.Knock(), NOW, "a");
            reporter.accept(MOVED, NOW, "a");
            await().until(() -> reporter.counts().delivered() == 1);
        }

        Receiver.Request request = receiver.requests().getFirst();
        assertEquals(1, receiver.requests().size());
        assertEquals("POST /post", request.line());
        assertEquals("application/x-www-form-urlencoded", request.header("Content-Type"));
        assertEquals(
                "private_key=k+1%26&bytes=4096&start=1795262430.57&end=1795262440.00",
                request.text());
    }

    @Test
    void given_an_answer_without_ok_when_reported_then_it_failed_and_is_not_sent_twice()
            throws Exception {
        receiver.answer(200, "wrong key");
        try (var reporter =
                new Reporter(new ReporterSettings(receiver.uri("/"), new Secret("k")))) {
            reporter.accept(MOVED, NOW, "a");
            await().until(() -> reporter.counts().failed() == 1);
        }

        assertEquals(1, receiver.requests().size());
    }

    @Test
    void given_https_when_the_target_is_made_then_scheme_and_port_stay() {
        assertEquals(
                URI.create("https://stats.example.net:8443/post"),
                Reporter.target(URI.create("HTTPS://u:p@stats.example.net:8443/x?y#z")));
    }
}
